// A real proxy before several nodes, as root or not, with everything of its own in a scratch directory.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bareEnvironment, scratchDirectory } from "./cluster.ts";
import { freePort, Program, until } from "./program.ts";

// From where the proxies speak: not from where their clients do.
export const proxyAddresses = { inner: "127.0.0.9", outer: "127.0.0.8" };

const site = (port: number, to: string, from: string) => `
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass ${to};
      proxy_bind ${from};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      add_header x-node $upstream_addr always;
    }
  }`;

const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

const configuration = (directory: string, ports: [number, number], nodes: number[]) => `
worker_processes 1;
pid ${directory}/pid;
events { worker_connections 512; }
http {
  access_log off;
  ${temporary.map((each) => `${each}_temp_path ${directory}/${each};`).join("\n  ")}
  upstream nodes {
    keepalive 32;
    ${nodes.map((port) => `server 127.0.0.1:${port} max_fails=0;`).join("\n    ")}
  }
  ${site(ports[0], "http://nodes", proxyAddresses.inner)}
  ${site(ports[1], `http://127.0.0.1:${ports[0]}`, proxyAddresses.outer)}
}
`;

export class Nginx {
  readonly base: string; // the proxy before the nodes
  readonly outer: string; // one more before that
  readonly directory: string;
  readonly program: Program;

  private constructor(ports: [number, number], directory: string, program: Program) {
    this.base = `http://127.0.0.1:${ports[0]}`;
    this.outer = `http://127.0.0.1:${ports[1]}`;
    this.directory = directory;
    this.program = program;
  }

  static async start(nodes: number[]): Promise<Nginx> {
    const directory = await scratchDirectory("nginx");
    const ports: [number, number] = [await freePort(), await freePort()];
    await mkdir(join(directory, "logs"));
    const file = join(directory, "nginx.conf");
    await writeFile(file, configuration(directory, ports, nodes));
    const args = ["-p", directory, "-c", file, "-e", "stderr", "-g", "daemon off;"];
    const env = bareEnvironment();
    const program = new Program(
      "nginx",
      "nginx",
      args,
      { ...env, PATH: `${env.PATH}:/usr/sbin` },
      directory,
    );
    const made = new Nginx(ports, directory, program);
    await until("nginx", async () => {
      if (!program.running) throw new Error(program.tail());
      return fetch(`${made.base}/healthz`).then(
        (r) => r.ok,
        () => false,
      );
    });
    return made;
  }

  async stop(): Promise<void> {
    await this.program.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}
