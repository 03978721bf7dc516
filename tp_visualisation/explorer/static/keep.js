// What can be kept, the figure as PNG and the code, and what the page is doing, or what went wrong.

const ENDED = ["dead", "restarting", "autorestarting"]; // states of a process that knows nothing of this page any more

function add(parent, tag, properties = {}, attributes = {}) {
  const element = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  parent.append(element);
  return element;
}

function download(name, bytes) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function nameSliders() {  // a slider of ipywidgets has a label, and no name for a screen reader
  for (const handle of document.querySelectorAll(".tpv-explorer .noUi-handle"))
    handle.ariaLabel = handle.closest(".jupyter-widgets").querySelector(".widget-label")?.textContent;
}

function render({ model, el }) {
  const words = model.get("words");
  el.classList.add("tpv-keep");
  const row = add(el, "div", { className: "tpv-buttons" });
  const save = add(row, "button", { textContent: words.save, className: "jupyter-button" });
  const copy = add(row, "button", { textContent: words.copy, className: "jupyter-button" });
  const status = add(row, "span", { className: "tpv-status" }, { role: "status" });
  const problem = add(el, "p", { className: "tpv-problem" }, { role: "alert" });
  const details = add(el, "details");
  add(details, "summary", { textContent: words.code });
  const code = add(details, "pre", { tabIndex: 0 });

  const show = () => {
    status.textContent = model.get("status");
    problem.textContent = model.get("problem");
    problem.hidden = !model.get("problem");
    code.textContent = model.get("code");
    save.disabled = copy.disabled = !model.get("code");
  };
  const receive = (message, buffers) => {
    if (message.kind === "picture") download(message.name, buffers[0]);
  };
  const select = () => {  // where the clipboard is out of reach
    details.open = true;
    getSelection().selectAllChildren(code);
  };

  save.onclick = () => model.send({ kind: "save" });
  copy.onclick = () => {
    const written = navigator.clipboard?.writeText(model.get("code")) ?? Promise.reject();
    written.then(() => (status.textContent = words.copied), select);
  };
  const process = model.widget_manager?.kernel; // JupyterLab's, Notebook's and Voilà's: elsewhere nothing is known of it
  const follow = () => {
    show();
    if (process.connectionStatus === "connected" && !ENDED.includes(process.status)) return;
    status.textContent = "";
    problem.textContent = words.died;
    problem.hidden = false;
  };
  process?.statusChanged?.connect(follow);
  process?.connectionStatusChanged?.connect(follow);
  const watching = new MutationObserver(nameSliders);
  watching.observe(document.body, { childList: true, subtree: true });
  model.on("change", show);
  model.on("msg:custom", receive);
  show();
  model.send({ kind: "here" });
  return () => {
    watching.disconnect();
    process?.statusChanged?.disconnect(follow);
    process?.connectionStatusChanged?.disconnect(follow);
    model.off("change", show);
    model.off("msg:custom", receive);
  };
}

export default { render };
