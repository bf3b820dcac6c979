// Who operates and what their role allows. How somebody proves to be one is in authenticate.ts.

/** Each may do what those before it may. */
export const roles = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof roles)[number];

export type Operator = {
  readonly name: string;
  readonly role: Role;
  readonly via: 'token' | 'session' | 'proxy';
  /** False once the credential was revoked or ran out: what was opened with it ends. */
  isValid(): boolean;
};

export const allows = (has: Role, needed: Role): boolean => roles.indexOf(has) >= roles.indexOf(needed);
