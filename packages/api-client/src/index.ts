// The typed client of contract/openapi.yaml. Thread of control and errors are those of openapi-fetch: an
// answer outside 2xx is returned as `error` (a problem), never thrown; only a failed connection throws.
import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "../generated/schema.ts";

export type { components, operations, paths } from "../generated/schema.ts";
export type ApiClient = Client<paths>;
export type Schemas = components["schemas"];

export interface ApiClientOptions {
  // Where the server is, such as http://127.0.0.1:8080.
  baseUrl: string;
  // The access token to send, asked for at each request so that a refreshed one is used at once.
  accessToken?: () => string | undefined;
  headers?: Record<string, string>;
  fetch?: (request: Request) => Promise<Response>;
}

export function createApiClient(options: ApiClientOptions): ApiClient {
  const client = createClient<paths>({
    baseUrl: options.baseUrl,
    ...(options.fetch ? { fetch: options.fetch } : {}),
    ...(options.headers ? { headers: options.headers } : {}),
  });
  client.use({
    onRequest({ request }) {
      const token = options.accessToken?.();
      if (token) request.headers.set("authorization", `Bearer ${token}`);
      return request;
    },
  });
  return client;
}
