// A small phone: Chromium 360 pixels wide. Every screen that a test looks at is checked for accessibility,
// for its width, and for what it asked of other hosts.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type Page, chromium } from "playwright-core";

export const chromiumProgram = process.env.ASTROTALK_CHROMIUM ?? "/usr/bin/chromium";
const pictures = process.env.ASTROTALK_SCREENSHOTS;
const width = 360;
const inspected = new Set<string>(); // by axe, which takes a second: each screen once

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumProgram, args: ["--no-sandbox"] });
}

export class Phone {
  readonly page: Page;
  readonly #base: string;
  readonly #faults: string[] = [];

  private constructor(page: Page, base: string) {
    this.page = page;
    this.#base = base;
    page.on("request", (request) => {
      if (!request.url().startsWith(base) && !request.url().startsWith("data:"))
        this.#faults.push(`asked for ${request.url()}`);
    });
    page.on("pageerror", (error) => this.#faults.push(String(error)));
    page.on("console", (message) => {
      // What Chromium says of refusals that the page explains.
      if (message.type() === "error" && !/status of 4\d\d/.test(message.text()))
        this.#faults.push(message.text());
    });
  }

  static async open(browser: Browser, base: string, locale = "en-IN"): Promise<Phone> {
    const context = await browser.newContext({
      viewport: { width, height: 740 },
      locale,
      hasTouch: true,
      reducedMotion: "reduce",
    });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    return new Phone(page, base);
  }

  async close(): Promise<void> {
    await this.page.context().close();
    assert.deepEqual(this.#faults, []);
  }

  // The screen with that heading has come, and is in order.
  async sees(heading: string | RegExp): Promise<void> {
    await this.page.getByRole("heading", { level: 1, name: heading }).waitFor();
    await this.inspect(String(heading));
  }

  async inspect(name: string): Promise<void> {
    const wide = await this.page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= width, `${name} is ${wide} pixels wide`);
    if (inspected.has(name)) return;
    inspected.add(name);
    const { violations } = await new AxeBuilder({ page: this.page }).analyze();
    const found = violations.map((each) => `${each.id}: ${each.nodes.map((n) => n.html).join(" ")}`);
    assert.deepEqual(found, [], `${name} at ${this.page.url().replace(this.#base, "")}`);
    if (!pictures) return;
    mkdirSync(pictures, { recursive: true });
    const file = `${name.replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, "-")}.png`;
    await this.page.screenshot({ path: join(pictures, file), fullPage: true });
  }

  press(name: string | RegExp): Promise<void> {
    return this.page.getByRole("button", { name, exact: typeof name === "string" }).click();
  }

  async fill(label: string | RegExp, value: string): Promise<void> {
    await this.page.getByLabel(label).fill(value);
  }
}
