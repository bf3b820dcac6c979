// What a case of the odd framings is, and the two requests that most of them are written with.

/** Status 0: no answer, the connection was ended or is left to the server's timer. */
export type OddRequest = readonly [name: string, text: string, answers: readonly number[]];

/** Refused at once. */
export const refused = [400, 501] as const;
/** Refused, or left without an answer. */
export const silent = [0, 400, 501, 505] as const;

export function post(headers: string, body: string): string {
  return `POST {path} HTTP/1.1\r\nHost: shop.test\r\n{pass}\r\n${headers}\r\n\r\n${body}`;
}

export function get(headers: string, version = 'HTTP/1.1'): string {
  return `GET {path} ${version}\r\nHost: shop.test\r\n{pass}\r\n${headers === '' ? '' : `${headers}\r\n`}\r\n`;
}
