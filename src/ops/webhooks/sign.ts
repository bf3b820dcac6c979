// The signature of Standard Webhooks: an HMAC over id, time and body, with the secret that begins with "whsec_".
import { createHmac } from 'node:crypto';

export function signWebhook(secret: string, id: string, atSeconds: number, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${atSeconds}.${body}`).digest('base64')}`;
}
