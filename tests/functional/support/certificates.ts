// A certificate authority for tests. The runner makes one and lets every test process trust it, so that
// stock clients can be used as they are.
import { join } from "node:path";
import { bareEnvironment, scratchDirectory } from "./cluster.ts";
import { run } from "./program.ts";

export const authorityVariable = "ASTROTALK_FUNCTIONAL_AUTHORITY";

export interface KeyPair {
  certificate: string; // PEM files
  key: string;
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];

export class Authority {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async create(): Promise<Authority> {
    const made = new Authority(await scratchDirectory("authority"));
    await made.#openssl("AstroTalk tests", made.file("ca"), ["basicConstraints=critical,CA:TRUE"]);
    return made;
  }

  // The one that the runner made.
  static current(): Authority {
    const directory = process.env[authorityVariable];
    if (!directory) throw new Error("run the functional tests with `npm run test:functional [name …]`");
    return new Authority(directory);
  }

  get certificate(): string {
    return this.file("ca").certificate;
  }

  file(name: string): KeyPair {
    return { certificate: join(this.directory, `${name}.pem`), key: join(this.directory, `${name}.key`) };
  }

  // For 127.0.0.1 and localhost, unless told for whom.
  async issue(name: string, whom = "IP:127.0.0.1,DNS:localhost"): Promise<KeyPair> {
    const { certificate, key } = this.file("ca");
    const made = this.file(name);
    await this.#openssl(name, made, [`subjectAltName=${whom}`], ["-CA", certificate, "-CAkey", key]);
    return made;
  }

  async #openssl(subject: string, to: KeyPair, extensions: string[], by: string[] = []): Promise<void> {
    const added = extensions.flatMap((each) => ["-addext", each]);
    const out = ["-subj", `/CN=${subject}`, "-keyout", to.key, "-out", to.certificate];
    const args = ["req", "-x509", ...newKey, ...out, ...added, ...by];
    const made = await run("openssl", args, bareEnvironment(), this.directory);
    if (made.code !== 0) throw new Error(`openssl failed:\n${made.text}`);
  }
}
