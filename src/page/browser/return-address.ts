// The address the fan goes on to: always of this origin, with the query and the fragment first asked for.

/** The fragment never reached the server, so the browser adds it where the answer has none. */
export const returnAddress = (returnTo: string, base: string, fragment: string): string => {
  let address: URL;
  try {
    address = new URL(returnTo, base);
  } catch {
    // Not an address: the front page of the shop is the honest rest.
    address = new URL('/', base);
  }
  if (address.origin !== new URL(base).origin) address = new URL('/', base);
  if (address.hash === '') address.hash = fragment;
  return address.href;
};
