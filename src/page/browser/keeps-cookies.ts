// Whether this browser keeps cookies for this site now. Tried, not asked: `navigator.cookieEnabled` is true in browsers
// whose settings refuse them.

const name = 'junban-keeps-cookies';

export const keepsCookies = (): boolean => {
  try {
    // biome-ignore-start lint/suspicious/noDocumentCookie: the Cookie Store API is younger than the browsers we serve.
    document.cookie = `${name}=1;path=/;samesite=lax`;
    const isKept = document.cookie.includes(`${name}=1`);
    document.cookie = `${name}=;path=/;max-age=0;samesite=lax`;
    // biome-ignore-end lint/suspicious/noDocumentCookie: as above.
    return isKept;
  } catch {
    // A document that may not have cookies at all.
    return false;
  }
};
