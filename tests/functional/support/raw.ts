// Requests without a client's good manners: any bytes, any header, checked against the contract all the same.
import { connect } from "node:net";
import { check } from "./contract.ts";
import { randomAddress } from "./place.ts";

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  json: any;
}

export async function send(
  base: string,
  method: string,
  target: string,
  init: RequestInit = {},
): Promise<Reply> {
  const headers = new Headers(init.headers);
  if (!headers.has("x-forwarded-for")) headers.set("x-forwarded-for", randomAddress());
  const response = await fetch(base + target, { ...init, method, headers });
  const text = await response.text();
  if (method !== "OPTIONS" && method !== "HEAD") {
    check({
      method,
      pathname: target.split("?")[0]!,
      status: response.status,
      headers: response.headers,
      body: text,
    });
  }
  const isJson = response.headers.get("content-type")?.includes("json");
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson && text ? JSON.parse(text) : undefined,
  };
}

// Writes bytes to the server and gives whatever comes back until it closes, or until nothing came for a
// while.
export async function bytes(base: string, sent: string, quietMs = 1_500): Promise<string> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve) => {
    let received = "";
    const socket = connect(Number(port), hostname, () => socket.write(sent));
    socket.setTimeout(quietMs, () => socket.destroy());
    socket.setEncoding("utf8");
    socket.on("data", (chunk) => (received += chunk));
    socket.on("error", () => {});
    socket.on("close", () => resolve(received));
  });
}
