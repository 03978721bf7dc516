// A photograph to paint on. `painted` holds strokes, [radius, [[x, y], ...]] in pixels of the photograph, and the number
// of the sheet that they are on: a new one comes when the strokes were changed elsewhere, and ends the one at hand.

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function render({ model, el }) {
  const canvas = document.createElement("canvas");
  const layer = document.createElement("canvas");
  const photograph = new Image();
  let cursor = null; // where the keyboard's brush is
  let painting = null; // the sheet that the pointer paints on
  let asked = false; // whether strokes are to be sent with the next frame
  const sheet = () => model.get("painted").sheet;
  const strokes = () => model.get("painted").strokes;
  canvas.className = "tpv-brush";
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", model.get("label"));
  el.append(canvas);

  function path(context, [radius, points]) {
    context.lineWidth = 2 * radius;
    context.beginPath();
    context.moveTo(...points[0]);
    for (const point of points) context.lineTo(...point);
    context.stroke();
  }

  function draw() {
    const [height, width] = model.get("size");
    if (canvas.width !== width || canvas.height !== height) {
      Object.assign(canvas, { width, height });
      Object.assign(layer, { width, height });
    }
    const top = layer.getContext("2d");
    top.globalCompositeOperation = "source-over";
    top.clearRect(0, 0, width, height);
    top.lineCap = top.lineJoin = "round";
    top.fillStyle = top.strokeStyle = "#777";
    if (model.get("keeps") && strokes().length) {
      top.fillRect(0, 0, width, height);
      top.globalCompositeOperation = "destination-out";
    }
    for (const stroke of strokes()) path(top, stroke);

    const context = canvas.getContext("2d");
    if (photograph.complete && photograph.naturalWidth) context.drawImage(photograph, 0, 0, width, height);
    context.globalAlpha = 0.8;
    context.drawImage(layer, 0, 0);
    context.globalAlpha = 1;
    if (cursor && document.activeElement === canvas) ring(context);
  }

  function ring(context) {
    for (const [style, width] of [["white", 6], ["black", 2]]) {
      context.beginPath();
      context.arc(...cursor, model.get("radius"), 0, 2 * Math.PI);
      Object.assign(context, { strokeStyle: style, lineWidth: width });
      context.stroke();
    }
  }

  function change(changed) {
    model.set("painted", { sheet: sheet(), strokes: changed });
    draw();
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      model.save_changes();
    });
  }

  function place(event) {
    const box = canvas.getBoundingClientRect();
    const x = ((event.clientX - box.left) * canvas.width) / box.width;
    const y = ((event.clientY - box.top) * canvas.height) / box.height;
    return [Math.round(x), Math.round(y)];
  }

  const begin = (point) => change([...strokes(), [model.get("radius"), [point]]]);
  const undo = () => change(strokes().slice(0, -1));

  function go_on(point) {
    const [radius, points] = strokes().at(-1);
    const [x, y] = points[points.length - 1];
    if (Math.hypot(point[0] - x, point[1] - y) < radius / 4) return;
    change([...strokes().slice(0, -1), [radius, [...points, point]]]);
  }

  canvas.onpointerdown = (event) => {
    if (event.button !== 0 || !event.isPrimary) return; // the first finger, or the left button
    painting = sheet();
    cursor = null;
    canvas.setPointerCapture(event.pointerId);
    begin(place(event));
  };
  canvas.onpointermove = (event) => event.isPrimary && painting === sheet() && go_on(place(event));
  canvas.onpointerup = canvas.onpointercancel = (event) => event.isPrimary && (painting = null);
  canvas.onfocus = canvas.onblur = draw;
  canvas.onkeydown = (event) => {
    const step = STEPS[event.key];
    cursor ??= [canvas.width >> 1, canvas.height >> 1];
    if (step) {
      const far = event.shiftKey ? 1 : Math.max(1, model.get("radius") >> 1);
      cursor = [
        Math.min(Math.max(cursor[0] + far * step[0], 0), canvas.width - 1),
        Math.min(Math.max(cursor[1] + far * step[1], 0), canvas.height - 1),
      ];
      draw();
    } else if (event.key === " ") begin(cursor);
    else if (event.key === "z" && (event.ctrlKey || event.metaKey)) {
      painting = null;
      undo();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  function load() {
    const url = URL.createObjectURL(new Blob([model.get("picture")], { type: "image/jpeg" }));
    photograph.onload = () => {
      URL.revokeObjectURL(url);
      draw();
    };
    photograph.src = url;
  }

  model.on("change:picture", load);
  model.on("change:painted change:keeps change:size change:radius", draw);
  load();
  return () => {
    model.off("change:picture", load);
    model.off("change:painted change:keeps change:size change:radius", draw);
  };
}

export default { render };
