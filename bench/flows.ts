// The flows that bench_load runs, as lines of its format (flow.hpp): tab-separated METHOD, PATH, BEARER, BODY per request.

const minutes = 60_000;
const request = (method: string, path: string, bearer = '-', body: unknown = '-') =>
  [method, path, bearer, typeof body === 'string' ? body : JSON.stringify(body)].join('\t');
const flow = (...requests: string[]) => requests.join('\t');
const clientId = { value: '' };

/** Numbers that no two benches of one run share. */
export const phone = (n: number) => `+91${9_000_000_000 + n}`;
const inbox = (number: string) => request('@sandbox=GET', `/sms?to=${encodeURIComponent(number)}`);

const startSignIn = (number: string) =>
  request('POST', 'cognito:InitiateAuth', '-', {
    ClientId: clientId.value, AuthFlow: 'USER_AUTH', AuthParameters: { USERNAME: number, PREFERRED_CHALLENGE: 'SMS_OTP' },
  });
const answer = (number: string) =>
  request('POST', 'cognito:RespondToAuthChallenge', '-', {
    ClientId: clientId.value, ChallengeName: 'SMS_OTP', Session: '$session',
    ChallengeResponses: { USERNAME: number, SMS_OTP_CODE: '$code' },
  });

export async function readConfig(address: string): Promise<void> {
  const answer = (await (await fetch(`${address}/v1/config`)).json()) as { clientId: string };
  clientId.value = answer.clientId;
}

/** Sign-up, confirmation and the first tokens. The code is read from the inbox, which the outbox worker fills. */
export function signUpFlows(users: number): string[] {
  return Array.from({ length: users }, (_, n) => {
    const common = { ClientId: clientId.value, Username: phone(n) };
    return flow(
      request('POST', 'cognito:SignUp', '-', {
        ...common, UserAttributes: [{ Name: 'phone_number', Value: phone(n) }, { Name: 'custom:user_type', Value: 'user' }],
      }),
      inbox(phone(n)),
      request('POST', 'cognito:ConfirmSignUp', '-', { ...common, Session: '$session', ConfirmationCode: '$code' }),
      request('POST', 'cognito:InitiateAuth', '-', {
        ClientId: clientId.value, AuthFlow: 'USER_AUTH', AuthParameters: { USERNAME: phone(n) }, Session: '$session',
      }),
    );
  });
}

/** A sign-in of a known user: at most two in fifteen minutes beside the sign-up, so each round takes other users. */
export function loginFlows(users: number, round: number, rounds: number): string[] {
  const share = Math.floor(users / rounds);
  return Array.from({ length: share }, (_, n) => {
    const number = phone(round * share + n);
    return flow(startSignIn(number), inbox(number), answer(number));
  });
}

export function refreshFlows(refreshTokens: string[]): string[] {
  return refreshTokens.map((token) =>
    request('POST', 'cognito:GetTokensFromRefreshToken', '-', { ClientId: clientId.value, RefreshToken: token }));
}

interface Listed { items: { id: string }[]; next?: string }

async function astrologers(address: string): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor = ''; ;) {
    const page = (await (await fetch(`${address}/v1/astrologers?limit=100${cursor}`)).json()) as Listed;
    ids.push(...page.items.map((item) => item.id));
    if (!page.next) return ids;
    cursor = `&cursor=${encodeURIComponent(page.next)}`;
  }
}

export async function readFlows(address: string, bearers: string[]): Promise<string[]> {
  const ids = await astrologers(address);
  return Array.from({ length: 10_000 }, (_, n) =>
    request('GET', `/v1/astrologers/${ids[n % ids.length]}`, bearers[(n * 7) % bearers.length]));
}

/** Every free quarter of an hour of every astrologer, each for another user, no user twice at one time. */
export async function bookingFlows(address: string, bearers: string[]): Promise<string[]> {
  const starts: { at: string; id: string }[] = [];
  for (const id of await astrologers(address)) {
    const path = `${address}/v1/astrologers/${id}/slots?days=30&minutes=15`;
    const answer = (await (await fetch(path, { headers: { authorization: `Bearer ${bearers[0]}` } })).json()) as {
      items: { startsAt: string }[];
    };
    let free = 0; // buffers take the time after a booking: the next one starts an hour later
    for (const slot of answer.items) {
      if (Date.parse(slot.startsAt) < free) continue;
      starts.push({ at: slot.startsAt, id });
      free = Date.parse(slot.startsAt) + 60 * minutes;
    }
  }
  starts.sort((a, b) => a.at.localeCompare(b.at));
  return starts.map(({ at, id }, n) => {
    const bearer = bearers[n % bearers.length];
    return flow(
      request('POST', '/v1/holds', bearer, { astrologerId: id, startsAt: at, minutes: 15 }),
      request('POST', '/v1/bookings', bearer, { holdId: '$id' }),
    );
  });
}

export function slotFlows(astrologer: string, bearers: string[]): string[] {
  return bearers.map((bearer) => request('GET', `/v1/astrologers/${astrologer}/slots?days=30&minutes=30`, bearer));
}
