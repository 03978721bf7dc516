// A button that reads a file and sends it in pieces: a message larger than 10 MB would end the connection.

const PIECE = 1 << 20;

async function send(model, file) {
  const limit = model.get("limit") << 20;
  model.send({ kind: "begin", name: file.name, size: file.size });
  if (file.size > limit) return;
  for (let start = 0; start < file.size; start += PIECE) {
    const piece = await file.slice(start, start + PIECE).arrayBuffer();
    model.send({ kind: "piece" }, undefined, [piece]);
  }
  model.send({ kind: "end" });
}

function render({ model, el }) {
  const button = document.createElement("button");
  const input = Object.assign(document.createElement("input"), { type: "file", accept: "image/*,.heic,.heif" });
  button.className = "jupyter-button";
  button.textContent = model.get("label");
  button.onclick = () => input.click();
  input.hidden = true;
  input.onchange = () => {
    if (input.files[0]) send(model, input.files[0]);
    input.value = "";
  };
  el.append(button, input);
}

export default { render };
