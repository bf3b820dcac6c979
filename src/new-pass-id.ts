// Makes the id of a pass. Whoever gives passes takes it as a function; who that is, is left to the wiring.

import { randomBytes } from 'node:crypto';

export const newPassId = (): string => randomBytes(12).toString('base64url');
