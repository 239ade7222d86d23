// The gateway: reads the link, asks the sandbox where the request is, and shows that step's screen.
import { screens } from "./screens.js";
import { words } from "./words.js";

// /#/gateway/login/{KID}/{random}/{identifier}?redirect_url=…&token_id=GWT…&logo=…&theme={"PRIMARY_COLOR":…}
function readLink() {
  const [path, query = ""] = location.hash.slice(1).split("?", 2);
  const [, gateway, login, id, , identifier] = path.split("/");
  const given = new URLSearchParams(query);
  const known = gateway === "gateway" && login === "login" && id && identifier;
  return {
    id: known ? decoded(id) : "",
    identifier: known ? decoded(identifier) : "",
    token: given.get("token_id") ?? "",
    redirect: readRedirect(given.get("redirect_url")),
    logo: given.get("logo") ?? "",
    theme: given.get("theme") ?? "",
  };
}

// A link that was cut off in the middle of an escape is nobody's, and the page says so.
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

// Web addresses and those of apps; never what would run as a script or show what the link brought along.
function readRedirect(text) {
  try {
    const url = new URL(text ?? "");
    return /^(javascript|data|blob|file|vbscript|about):$/.test(url.protocol) ? null : url;
  } catch {
    return null;
  }
}

const link = readLink();
const element = (id) => document.getElementById(id);
const place = element("screen");
let language = navigator.languages?.some((each) => each.startsWith("hi")) ? "hi" : "en";
let view = null;
let trouble = ""; // a code of the sandbox's refusals that no screen can mend
let started = false;
let timer = 0;
let shown = ""; // which screen, so that polling does not take the focus away

function say(name, values = {}) {
  const text = words[language][name] ?? name;
  return text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

class Refused extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

async function call(path, body) {
  const query = new URLSearchParams({ identifier: link.identifier, ...(body?.query ?? {}) });
  const init = { headers: { authorization: `Bearer ${link.token}` }, cache: "no-store" };
  if (body) {
    init.method = "POST";
    init.body = body.file ?? ("value" in body ? JSON.stringify({ value: body.value }) : "");
  }
  let response;
  try {
    response = await fetch(`/digio/kyc/${encodeURIComponent(link.id)}${path}?${query}`, init);
  } catch {
    throw new Refused("offline");
  }
  const answer = await response.json();
  if (!response.ok) throw new Refused(answer.code);
  return answer;
}

const final = ["token_expired", "token_unknown", "wrong_customer", "not_found"];

// Does a step and shows what comes of it. Gives back the code of a refusal that the screen itself explains.
async function act(path, body = {}) {
  try {
    view = await call(path, body);
    trouble = "";
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused;
    if (refused.code === "wrong_step") return refresh();
    if (!final.includes(refused.code)) return refused.code;
    trouble = refused.code;
  }
  show();
  return "";
}

async function refresh() {
  clearTimeout(timer);
  try {
    view = await call("");
    trouble = "";
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused;
    trouble = refused.code;
  }
  show();
  return "";
}

function leave(status, message, code) {
  if (!link.redirect) return;
  const more = `status=${status}&digio_doc_id=${link.id}&message=${message}${code ? `&error_code=${code}` : ""}`;
  const url = link.redirect.href;
  location.assign(url + (url.includes("?") ? "&" : "?") + more);
}

function showProgress() {
  const parts = view?.parts ?? [];
  const now = parts.findIndex((each) => each.status === "requested");
  const runs = !trouble && view?.status === "requested" && started && now >= 0;
  element("progress").hidden = !runs;
  element("leave").hidden = trouble !== "" || view?.status !== "requested";
  if (!runs) return;
  element("progress-text").textContent = say("progress", {
    n: now + 1,
    of: parts.length,
    what: say(parts[now].type),
  });
  element("bar").replaceChildren(
    ...parts.map((_, at) => {
      const piece = document.createElement("i");
      piece.className = at < now ? "done" : at === now ? "now" : "";
      return piece;
    }),
  );
}

function screenName() {
  if (trouble) return trouble === "offline" ? "offline" : "badLink";
  if (view.status !== "requested") return view.status;
  if (!started && !view.parts.some((each) => each.status !== "requested") && view.step === "pan")
    return "hello";
  return view.step === "call" ? `call_${view.call.phase}` : view.step;
}

function show() {
  clearTimeout(timer);
  document.documentElement.lang = language;
  document.title = say("title");
  const name = screenName();
  if (name !== "hello") started = true;
  const key = `${name} ${language} ${view?.call?.number ?? ""}`;
  const context = { say, act, refresh, leave, link, view, trouble, start: () => ((started = true), show()) };
  showProgress();
  if (key !== shown || name === "call_waiting") {
    place.replaceChildren(...screens[name](context));
    if (key !== shown) focusOn(place.querySelector("h1"));
    shown = key;
  }
  showFooter();
  if (["call_waiting", "call_talking", "approval_pending"].includes(name)) timer = setTimeout(refresh, 1000);
}

// A screen reader begins at the new heading; the view begins at the top.
function focusOn(heading) {
  heading?.setAttribute("tabindex", "-1");
  heading?.focus({ preventScroll: true });
  scrollTo(0, 0);
}

function showFooter() {
  const language_ = element("language");
  language_.textContent = say("other");
  language_.lang = language === "en" ? "hi" : "en";
  element("later").textContent = say("later");
  element("later").hidden = !link.redirect;
  element("cancel").textContent = say("cancel");
  for (const [id, name] of [
    ["sure-title", "sure"],
    ["sure-text", "sure_text"],
    ["sure-yes", "sure_yes"],
    ["sure-no", "sure_no"],
  ])
    element(id).textContent = say(name);
}

// The colour of whoever sent the person here, with text on it that can be read.
function dress() {
  const colour = /"PRIMARY_COLOR"\s*:\s*"#?([0-9a-fA-F]{6})"/.exec(link.theme)?.[1];
  if (colour) {
    const light = (at) => {
      const share = parseInt(colour.slice(at, at + 2), 16) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    };
    const luminance = 0.2126 * light(0) + 0.7152 * light(2) + 0.0722 * light(4);
    const root = document.documentElement.style;
    root.setProperty("--primary", `#${colour}`);
    root.setProperty("--on-primary", luminance > 0.179 ? "#000" : "#fff");
  }
  // Only pictures that need no other host.
  if (/^data:image\/(png|jpeg|svg\+xml|webp)[;,]/.test(link.logo)) {
    element("logo").src = link.logo;
    element("logo").hidden = false;
  }
}

element("language").addEventListener("click", () => {
  language = language === "en" ? "hi" : "en";
  show();
  element("language").focus();
});
element("later").addEventListener("click", () => leave("cancel", "KYC Process Cancelled"));
element("cancel").addEventListener("click", () => element("sure").showModal());
element("sure-no").addEventListener("click", () => element("sure").close());
element("sure-yes").addEventListener("click", async () => {
  element("sure").close();
  await act("/cancel");
});
addEventListener("hashchange", () => location.reload());
addEventListener("pageshow", (event) => event.persisted && location.reload());

dress();
await refresh();
