// The protocol of the user pool as bytes, for what a client would hide.
import type { Place } from "./place.ts";

export async function wire(
  place: Place,
  operation: string,
  body: unknown,
  headers: Record<string, string> = {},
) {
  const response = await fetch(`${place.base}/cognito/`, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { response, json: JSON.parse(await response.text()) };
}
