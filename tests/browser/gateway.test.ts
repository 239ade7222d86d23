// The KYC gateway as a person walks through it on a phone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { Phone, openBrowser } from "./support/phone.ts";
import { type Kyc, Sandbox } from "./support/sandbox.ts";

let sandbox: Sandbox;
let browser: Browser;
const identifier = "+919876500001";

before(async () => {
  [sandbox, browser] = await Promise.all([Sandbox.start(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await sandbox?.stop();
});

async function open(kyc: Kyc, locale = "en-IN", more = ""): Promise<Phone> {
  const phone = await Phone.open(browser, sandbox.base, locale);
  await phone.page.goto(sandbox.link(kyc, more));
  return phone;
}

// Where the gateway sent the person back to, as the product's page would read it.
async function returned(phone: Phone): Promise<Record<string, string>> {
  await phone.page.waitForURL(/\/healthz\?/);
  return Object.fromEntries(new URL(phone.page.url()).searchParams);
}

async function documents(phone: Phone, inspected = true): Promise<void> {
  await phone.press("Start");
  if (inspected) await phone.sees("Your PAN");
  await phone.press("Fill it in");
  await phone.press("Continue");
  if (inspected) await phone.sees("Your Aadhaar");
  await phone.fill("Last four digits of Aadhaar", "4321");
  await phone.press("Send the code");
  if (inspected) await phone.sees("Enter the code");
  const label = phone.page.getByLabel("Code of six digits");
  await label.waitFor();
  await label.fill((await sandbox.newestText(identifier)).slice(0, 6));
  await phone.press("Continue");
}

async function untilCall(phone: Phone): Promise<void> {
  await documents(phone, false);
  await phone.press("Send the picture");
  await phone.press("Start the video call");
  await sandbox.advance(3);
}

test("somebody walks through all of it and is approved", async () => {
  const kyc = await sandbox.create();
  const phone = await open(kyc);
  await phone.sees("Hello Asha Rao. Please verify your identity.");
  await documents(phone);
  await phone.sees("A picture of you");
  await phone.press("Send the picture");
  await phone.sees("Talk to an agent");
  await phone.press("Start the video call");
  await phone.sees("Waiting for an agent");
  await sandbox.advance(3);
  await phone.sees(/^You are talking to /);
  const asked = new Set<string>();
  for (let question = 1; question <= 3; ++question) {
    await phone.page.getByText(`Question ${question} of 3`).waitFor();
    asked.add(await phone.page.locator("blockquote").innerText());
    await phone.press("I have answered");
  }
  assert.equal(asked.size, 3);
  await phone.sees("Thank you. You have done everything.");
  await sandbox.advance(3);
  await phone.sees("You are verified");
  await phone.press(/^Return to /);
  assert.deepEqual(await returned(phone), {
    status: "success",
    digio_doc_id: kyc.id,
    message: "KYC Process Completed",
  });
  await phone.close();
  const truth = await sandbox.read(kyc);
  assert.equal(truth.status, "approved");
  assert.equal(truth.actions[0].details.aadhaar.id_number, "xxxxxxxx4321");
  assert.match(truth.actions[0].details.pan.id_number, /^[A-Z]{3}P[A-Z]\d{4}[A-Z]$/);
  assert.equal(truth.actions[1].sub_actions[0].details.address.endsWith("India"), true);
});

test("what is entered wrong is explained at its field, and keys alone are enough", async () => {
  const kyc = await sandbox.create();
  const phone = await open(kyc);
  const { keyboard } = phone.page;
  await phone.sees(/^Hello/);
  const focused = () => phone.page.evaluate(() => document.activeElement?.textContent ?? "");
  const tabTo = async (text: string) => {
    for (let i = 0; i < 10 && (await focused()) !== text; ++i) await keyboard.press("Tab");
    assert.equal(await focused(), text);
  };
  await tabTo("Start");
  await keyboard.press("Enter");
  await phone.sees("Your PAN");
  await keyboard.press("Tab");
  await keyboard.type("abcde1234f");
  await keyboard.press("Enter");
  await phone.page.getByRole("alert").getByText("Enter a PAN like ABCPX1234F").waitFor();
  await phone.inspect("PAN refused");
  await keyboard.press("Control+A");
  await keyboard.type("abcpr1234f");
  await keyboard.press("Enter");
  await phone.sees("Your Aadhaar");
  await keyboard.press("Tab");
  await keyboard.type("12");
  await keyboard.press("Enter");
  await phone.page.getByRole("alert").getByText("Enter four digits.").waitFor();
  await keyboard.type("34");
  await keyboard.press("Enter");
  await phone.sees("Enter the code");
  const code = (await sandbox.newestText(identifier)).slice(0, 6);
  await keyboard.press("Tab");
  await keyboard.type(code === "000000" ? "111111" : "000000");
  await keyboard.press("Enter");
  await phone.page.getByRole("alert").getByText("That is not the code.").waitFor();
  await phone.inspect("code refused");
  await keyboard.press("Control+A");
  await keyboard.type(code);
  await keyboard.press("Enter");
  await phone.sees("A picture of you");
  await phone.close();
  assert.equal((await sandbox.read(kyc)).actions[0].details.pan.id_number, "ABCPR1234F");
});

test("one's own picture is taken, and other files are not", async () => {
  const kyc = await sandbox.create({ template_name: "DIGILOCKER_CONDITIONAL_SELFIE" });
  const phone = await open(kyc);
  await documents(phone, false);
  await phone.page.getByLabel("A picture of my own").check();
  const choose = (name: string, content: Buffer) =>
    phone.page.getByLabel(/^Picture \(/).setInputFiles({ name, mimeType: "image/png", buffer: content });
  await choose("no.png", Buffer.from("not a picture"));
  await phone.press("Send the picture");
  await phone.page.getByRole("alert").getByText("Choose a JPEG or PNG picture").waitFor();
  await phone.inspect("file refused");
  const picture = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(2000, 7)]);
  await choose("me.jpg", picture);
  await phone.page.getByLabel("Where are you?").selectOption("dubai");
  await phone.press("Send the picture");
  await phone.sees("Thank you. You have done everything.");
  await phone.close();
  const selfie = (await sandbox.read(kyc)).actions[1];
  assert.equal(selfie.sub_actions[0].details.address, "Dubai, United Arab Emirates");
  const media = await sandbox.digio(`/client/kyc/v2/media/${selfie.file_id}?base64=true`, {}, "GET");
  assert.equal(media.file_in_base64, picture.toString("base64"));
});

test("an agent who is not convinced rejects", async () => {
  const kyc = await sandbox.create();
  const phone = await open(kyc);
  await untilCall(phone);
  await phone.press("I cannot answer");
  await phone.page.getByText("Question 2 of 3").waitFor();
  await phone.press("I have answered");
  await phone.page.getByText("Question 3 of 3").waitFor();
  await phone.press("I have answered");
  await phone.sees("Thank you. You have done everything.");
  await sandbox.advance(3);
  await phone.sees("You could not be verified");
  await phone.page.getByText("Not every question was answered").waitFor();
  await phone.close();
  assert.equal((await sandbox.read(kyc)).status, "rejected");
});

test("a call that drops is begun afresh, and nothing before it is lost", async () => {
  const rules = [{ call: "video", fault: "drop_call", minute: 2, times: 1 }];
  await sandbox.control("PUT", "/digio", { rules });
  const kyc = await sandbox.create();
  const phone = await open(kyc);
  await untilCall(phone);
  await phone.press("I have answered");
  await phone.page.getByText("Question 2 of 3").waitFor();
  await sandbox.advance(60);
  assert.equal((await sandbox.read(kyc)).actions[2].retry_count, 0);
  await sandbox.advance(60);
  await phone.sees("The call was cut off");
  assert.equal((await sandbox.read(kyc)).actions[2].retry_count, 1);
  await phone.press("Call again");
  await sandbox.advance(3);
  await phone.page.getByText("Question 1 of 3").waitFor();
  await phone.press("Approve");
  await phone.sees("Thank you. You have done everything.");
  await phone.close();
});

test("cancelling asks first, ends the request, and says TERMINATED on return", async () => {
  const kyc = await sandbox.create();
  const phone = await open(kyc);
  await phone.sees(/^Hello/);
  await phone.press("Cancel for good");
  await phone.inspect("Cancel?");
  await phone.press("No, go on");
  assert.equal((await sandbox.read(kyc)).status, "requested");
  await phone.press("Cancel for good");
  await phone.press("Yes, cancel");
  await phone.sees("This verification was ended");
  await phone.press(/^Return to /);
  assert.deepEqual(await returned(phone), {
    status: "cancel",
    digio_doc_id: kyc.id,
    message: "KYC Process Terminated",
    error_code: "TERMINATED",
  });
  await phone.close();
  assert.equal((await sandbox.read(kyc)).status, "failed");
});

test("leaving for now changes nothing, and going on begins where one was", async () => {
  const kyc = await sandbox.create();
  const phone = await open(kyc);
  await documents(phone, false);
  await phone.page.getByRole("heading", { name: "A picture of you" }).waitFor();
  await phone.press("Leave for now");
  const back = await returned(phone);
  assert.equal(back.status, "cancel");
  assert.equal(back.error_code, undefined);
  await phone.page.goto(sandbox.link(kyc));
  await phone.sees("A picture of you");
  await phone.close();
});

test("an expired link says so, and a new one goes on", async () => {
  const kyc = await sandbox.create();
  const phone = await open(kyc);
  await phone.sees(/^Hello/);
  await sandbox.advance(21 * 60);
  await phone.press("Start");
  await phone.press("Fill it in");
  await phone.press("Continue");
  await phone.sees("This link has expired");
  const { response } = await sandbox.digio("/user/auth/generate_token", { entity_id: kyc.id });
  await phone.page.goto("about:blank");
  await phone.page.goto(sandbox.link({ ...kyc, access_token: response }));
  await phone.sees(/^Hello/);
  await phone.page.context().close();
});

test("an expired request, somebody else's link and a made-up one say so", async () => {
  const kyc = await sandbox.create({ expire_in_days: 1 });
  const expired = async (say: string, link: string) => {
    const phone = await Phone.open(browser, sandbox.base);
    await phone.page.goto(link);
    await phone.sees(say);
    await phone.close();
  };
  await expired(
    "This link is somebody else's",
    sandbox.link({ ...kyc, customer_identifier: "+919876500002" }),
  );
  const forged = { ...kyc, access_token: { id: "GWT000" } };
  await expired("This link is not valid", sandbox.link(forged));
  await expired("There is no such request", `${sandbox.base}/#/gateway/login/%zz/x/%E0%A4`);
  await sandbox.advance(24 * 3600 + 60);
  const { response } = await sandbox.digio("/user/auth/generate_token", { entity_id: kyc.id });
  await expired("This request has expired", sandbox.link({ ...kyc, access_token: response }));
});

test("it is all there in Hindi, and in the colour of whoever sent the person", async () => {
  const kyc = await sandbox.create();
  const phone = await open(kyc, "hi-IN", `&theme=${encodeURIComponent('{"PRIMARY_COLOR":"#f5b700"}')}`);
  await phone.sees("नमस्ते Asha Rao। कृपया अपनी पहचान सत्यापित करें।");
  assert.equal(await phone.page.getAttribute("html", "lang"), "hi");
  await phone.press("शुरू करें");
  await phone.sees("आपका पैन");
  await phone.press("भर दें");
  await phone.press("आगे बढ़ें");
  await phone.sees("आपका आधार");
  await phone.fill("आधार के अंतिम चार अंक", "4321");
  await phone.press("कोड भेजें");
  await phone.sees("कोड लिखें");
  await phone.fill("छह अंकों का कोड", (await sandbox.newestText(identifier)).slice(0, 6));
  await phone.press("आगे बढ़ें");
  await phone.sees("आपकी तस्वीर");
  await phone.press("तस्वीर भेजें");
  await phone.sees("एजेंट से बात करें");
  await phone.press("वीडियो कॉल शुरू करें");
  await phone.sees("एजेंट की प्रतीक्षा है");
  await sandbox.advance(3);
  await phone.sees(/से बात कर रहे हैं$/);
  await phone.press("English");
  await phone.sees(/^You are talking to /);
  await phone.close();
});

test("both languages say the same things", async () => {
  const { words } = await import("../../sandbox/digio/gateway/words.js" as string);
  assert.deepEqual(Object.keys(words.hi), Object.keys(words.en));
  const names = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const key of Object.keys(words.en)) {
    assert.deepEqual(names(words.hi[key]), names(words.en[key]), key);
    if (key !== "other") assert.match(words.hi[key], /\p{Script=Devanagari}/u, key);
  }
});

test("the control page shows requests, and its buttons end them", async () => {
  const kyc = await sandbox.create();
  const phone = await Phone.open(browser, sandbox.base);
  await phone.page.goto(`${sandbox.base}/control`);
  await phone.sees("What Digio was asked for");
  await phone.page.getByRole("form", { name: kyc.id }).getByRole("button", { name: "reject" }).click();
  await phone.page.getByText("rejected").first().waitFor();
  assert.equal((await sandbox.read(kyc)).status, "rejected");
  await phone.page.getByLabel("what").selectOption("timeout");
  await phone.press("Add this fault");
  await phone.page.locator("li code").getByText('"fault":"timeout"').waitFor();
  await phone.inspect("control with a fault");
  await phone.press("Remove all");
  await phone.page.getByText("None: everything goes well.").waitFor();
  await phone.close();
});
