// One function for each screen: its elements. Text is always set as text.
const inputs = { count: 0 };

function make(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") made.className = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name in made && name !== "list") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((each) => each !== null && each !== undefined));
  return made;
}

const heading = (text) => make("h1", {}, text);
const paragraph = (text, kind = "") => make("p", { class: kind }, text);
const note = (...children) => make("div", { class: "note" }, ...children);

// A button that can be pressed once until its work is done.
function button(text, kind, work) {
  const made = make("button", { type: "button", class: kind }, text);
  made.addEventListener("click", async () => {
    made.disabled = true;
    try {
      await work();
    } finally {
      made.disabled = false;
    }
  });
  return made;
}

// A text field with a label, and a place for what is wrong with it.
function field(label, properties) {
  const id = `field-${++inputs.count}`;
  const error = make("p", { class: "error", id: `${id}-error`, role: "alert" });
  const input = make("input", {
    type: "text",
    id,
    autocomplete: "off",
    "aria-describedby": error.id,
    ...properties,
  });
  const complain = (text) => {
    error.textContent = text;
    input.setAttribute("aria-invalid", text ? "true" : "false");
    if (text) input.focus();
  };
  return {
    input,
    complain,
    all: make("div", { class: "field" }, make("label", { htmlFor: id }, label), input, error),
  };
}

function form(parts, submitText, work) {
  const submit = make("button", { type: "submit", class: "main" }, submitText);
  const made = make("form", { noValidate: true }, ...parts, submit);
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (submit.disabled) return;
    submit.disabled = true;
    try {
      await work();
    } finally {
      submit.disabled = false;
    }
  });
  return made;
}

function optionalSkip({ say, act, view }) {
  const now = view.parts.find((each) => each.status === "requested");
  return now?.optional ? button(say("skip"), "quiet", () => act("/skip")) : null;
}

function backButton({ say, leave, link }, status, message, code) {
  if (!link.redirect) return paragraph(say("close"), "soft");
  const host = link.redirect.host;
  const text = host ? say("back", { value: host }) : say("back_plain");
  return button(text, "main", () => leave(status, message, code));
}

function mark(good) {
  return make(
    "div",
    { class: `mark ${good === undefined ? "" : good ? "good" : "bad"}`, ariaHidden: "true" },
    good === undefined ? "…" : good ? "✓" : "!",
  );
}

function ended(context, name, good, message, status = "cancel", code = "TERMINATED") {
  const { say, view } = context;
  return [
    mark(good),
    heading(say(name)),
    view.reason ? paragraph(say("reason", { value: view.reason })) : null,
    name === "rejected" ? null : paragraph(say(`${name}_text`), "soft"),
    backButton(context, status, message, code),
  ].filter(Boolean);
}

function pan({ say, act, view }) {
  const number = field(say("pan_label"), {
    maxLength: 10,
    autocapitalize: "characters",
    spellcheck: false,
    class: "code",
  });
  number.input.addEventListener("input", () => (number.input.value = number.input.value.toUpperCase()));
  const fill = make("button", { type: "button", class: "quiet" }, say("use_it"));
  fill.addEventListener("click", () => {
    number.input.value = view.pan;
    number.complain("");
    number.input.focus();
  });
  return [
    heading(say("pan")),
    paragraph(say("pan_text"), "soft"),
    form([number.all], say("continue"), async () => {
      const code = await act("/pan", { value: number.input.value.trim() });
      if (code) number.complain(say(code === "offline" ? "offline" : "pan_bad"));
    }),
    note(paragraph(say("pan_note", { value: view.pan })), fill),
  ];
}

function aadhaar({ say, act, view }) {
  const digits = field(say("aadhaar_label"), { inputMode: "numeric", maxLength: 4, class: "code" });
  return [
    heading(say("aadhaar")),
    paragraph(say("aadhaar_text"), "soft"),
    form([digits.all], say("send_code"), async () => {
      const code = await act("/aadhaar", { value: digits.input.value.trim() });
      if (code) digits.complain(say(code === "offline" ? "offline" : "aadhaar_bad"));
    }),
    note(paragraph(say("aadhaar_note", { value: view.aadhaarLast4 }))),
  ];
}

function code({ say, act, view }) {
  const digits = field(say("code_label"), {
    inputMode: "numeric",
    maxLength: 6,
    autocomplete: "one-time-code",
    class: "code",
  });
  const complaints = { too_many_codes: "code_many", offline: "offline" };
  const inbox = make("a", { href: "/", target: "_blank", rel: "noopener" }, say("open_inbox"));
  return [
    heading(say("code")),
    paragraph(say("code_text", { value: view.aadhaarLast4 }), "soft"),
    form([digits.all], say("continue"), async () => {
      const refused = await act("/code", { value: digits.input.value.trim() });
      if (refused) digits.complain(say(complaints[refused] ?? "code_bad"));
    }),
    button(say("new_code"), "quiet", async () => {
      await act("/aadhaar", { value: view.aadhaarLast4 });
      digits.input.value = "";
      digits.complain("");
    }),
    note(paragraph(say("code_note")), inbox),
  ];
}

function selfie(context) {
  const { say, act, link, view } = context;
  const picture = (which) =>
    `/digio/kyc/${encodeURIComponent(link.id)}/faces/${which}?token_id=${encodeURIComponent(link.token)}`;
  const choice = (value, text, checked) =>
    make(
      "label",
      { class: value === "file" ? "choice wide" : "choice" },
      value === "file" ? null : make("img", { src: picture(value), alt: "", width: 88, height: 110 }),
      make("input", { type: "radio", name: "which", value, checked }),
      text,
    );
  const error = make("p", { class: "error", id: "file-error", role: "alert" });
  const file = make("input", {
    type: "file",
    id: "file",
    accept: "image/jpeg,image/png",
    "aria-describedby": "file-error",
  });
  const fileField = make(
    "div",
    { class: "field", hidden: true },
    make("label", { htmlFor: "file" }, say("file_label")),
    file,
  );
  const which = make(
    "fieldset",
    {},
    make("legend", {}, say("selfie_which")),
    make(
      "div",
      { class: "faces" },
      choice("0", say("face_me"), true),
      choice("1", say("face_other")),
      choice("file", say("face_file")),
    ),
  );
  const where = make(
    "select",
    { id: "place", "aria-describedby": "place-text" },
    ...["home", "mumbai", "dubai"].map((name) =>
      make("option", { value: name }, say(`place_${name}`, { value: view.district })),
    ),
  );
  const chosen = () => which.querySelector(":checked").value;
  which.addEventListener("change", () => (fileField.hidden = chosen() !== "file"));
  return [
    heading(say("selfie_title")),
    paragraph(say("selfie_text"), "soft"),
    form(
      [
        which,
        fileField,
        error,
        make(
          "div",
          { class: "field" },
          make("label", { htmlFor: "place" }, say("place_label")),
          where,
          make("p", { class: "soft", id: "place-text" }, say("place_text")),
        ),
      ],
      say("send_picture"),
      async () => {
        const own = chosen() === "file";
        if (own && !file.files[0]) return void (error.textContent = say("file_bad"));
        const query = { drawn: own ? "0" : chosen(), place: where.value };
        const refused = await act("/selfie", { file: own ? file.files[0] : "", query });
        error.textContent = refused ? say(refused === "offline" ? "offline" : "file_bad") : "";
      },
    ),
    optionalSkip(context),
  ].filter(Boolean);
}

function needs(texts) {
  return make(
    "ul",
    { class: "needs" },
    ...texts.map((text, at) => make("li", {}, make("span", { ariaHidden: "true" }, String(at + 1)), text)),
  );
}

function callReady(context) {
  const { say, act } = context;
  return [
    heading(say("call")),
    paragraph(say("call_text"), "soft"),
    needs([say("call_need_1"), say("call_need_2"), say("call_need_3")]),
    button(say("call_start"), "main", () => act("/call")),
    optionalSkip(context),
    note(paragraph(say("call_note"))),
  ].filter(Boolean);
}

function waiting({ say, view }) {
  const seconds = view.call.joinsInSeconds;
  return [
    make("div", { class: "video" }, make("div", { class: "wait", ariaHidden: "true" })),
    heading(say("waiting")),
    make("p", { role: "status" }, seconds > 0 ? say("waiting_text", { n: seconds }) : say("waiting_soon")),
  ];
}

function agentBox({ say, act }) {
  const end = (name, kind) => button(say(`agent_${name}`), kind, () => act("/agent", { value: name }));
  return note(
    paragraph(say("agent_note")),
    make(
      "div",
      { class: "stack" },
      make("div", { class: "row" }, end("approve", "second"), end("reject", "second")),
      end("drop", "second"),
    ),
  );
}

function talking(context) {
  const { say, act, link, view } = context;
  const initials = view.call.agent
    .split(" ")
    .map((word) => word[0])
    .join("");
  const mine = `/digio/kyc/${encodeURIComponent(link.id)}/faces/0?token_id=${encodeURIComponent(link.token)}`;
  return [
    make(
      "div",
      { class: "video" },
      make("div", { class: "agent", ariaHidden: "true" }, initials),
      make("p", {}, view.call.agent),
      make("p", { class: "live" }, say("live")),
      make("img", { class: "me", src: mine, alt: "" }),
    ),
    heading(say("talking", { name: view.call.agent })),
    paragraph(say("question", { n: view.call.number, of: view.call.of }), "soft"),
    make("blockquote", {}, say(`q${view.call.question}`)),
    make(
      "div",
      { class: "stack" },
      button(say("answered"), "main", () => act("/answer", { value: "yes" })),
      button(say("cannot"), "second", () => act("/answer", { value: "no" })),
    ),
    agentBox(context),
  ];
}

export const screens = {
  hello({ say, view, start }) {
    return [
      heading(view.name ? say("hello_name", { name: view.name }) : say("hello")),
      paragraph(say("hello_text")),
      needs(view.parts.map((each) => say(`need_${each.type}`))),
      paragraph(say("hello_consent"), "soft"),
      button(say("start"), "main", start),
    ];
  },
  pan,
  aadhaar,
  code,
  selfie,
  call_none: callReady,
  call_waiting: waiting,
  call_talking: talking,
  call_dropped(context) {
    const { say, act } = context;
    return [
      mark(false),
      heading(say("dropped")),
      paragraph(say("dropped_text")),
      button(say("call_again"), "main", () => act("/call")),
    ];
  },
  approval_pending(context) {
    const { say } = context;
    return [
      make("div", { class: "wait light", ariaHidden: "true" }),
      heading(say("checking")),
      paragraph(say("checking_text"), "soft"),
      backButton(context, "success", "KYC Process Completed"),
    ];
  },
  approved: (context) => ended(context, "approved", true, "KYC Process Completed", "success", ""),
  rejected: (context) => ended(context, "rejected", false, "KYC Process Completed", "success", ""),
  failed: (context) => ended(context, "failed", false, "KYC Process Terminated"),
  expired: (context) => ended(context, "expired", false, "KYC Request Expired"),
  badLink({ say, trouble, link, leave }) {
    const text = trouble === "token_expired" ? "token_expired_text" : "link_text";
    return [
      mark(false),
      heading(say(trouble)),
      paragraph(say(text)),
      backButton({ say, leave, link }, "cancel", "Access token is not valid"),
    ];
  },
  offline({ say, refresh }) {
    return [mark(false), heading(say("offline")), button(say("again"), "main", refresh)];
  },
};
