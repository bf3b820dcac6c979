// Leaves the page for an address, without an entry in the history.

/** To the address this page itself has, only a reload loads anything when there is a fragment. */
export const goTo = (address: string): void => {
  const here = location.href.split('#')[0];
  if (address.includes('#') && address.split('#')[0] === here) {
    history.replaceState(null, '', address);
    location.reload();
    return;
  }
  location.replace(address);
};
