// The rest of the page's module. The page asks for it when the first drawing is done; a function of it that is called
// before that cannot wait, and has it fetched while everything stands still.
const restFile = () => document.querySelector("meta[name=rest]").content;
let restLoading;
const restSoon = async () => {
const answer = await fetch(restFile());
if (!answer.ok) throw new Error("the rest of the page: " + answer.status);
await WebAssembly.instantiate(await answer.arrayBuffer(), { page: wasm });
};
const restNow = () => {
const request = new XMLHttpRequest();
request.open("GET", restFile(), false);
request.overrideMimeType("text/plain; charset=x-user-defined");
request.send();
if (request.status !== 200) throw new Error("the rest of the page: " + request.status);
const bytes = Uint8Array.from(request.responseText, (letter) => letter.charCodeAt(0));
new WebAssembly.Instance(new WebAssembly.Module(bytes), { page: wasm });
};
window.readyroomRest = () => restLoading ??= restSoon().catch((error) => { restLoading = undefined; throw error; });
