// Tabs of one browser share its cookies, so they are one device. Two that were opened at the same moment may have been
// given a ticket each; the browser kept one. When a tab hears of another number it connects anew, and so with that one.

/** Tells the other tabs of this browser the number shown here; calls `onOther` when one of them shows another. */
export const compareTabs = (roomId: string, onOther: () => void): ((ticketNumber: number | null) => void) => {
  // Browsers without it settle at the next reload.
  if (typeof BroadcastChannel === 'undefined') return () => undefined;
  const channel = new BroadcastChannel(`junban-${roomId}`);
  let own: number | null = null;
  channel.onmessage = ({ data }) => {
    if (own !== null && typeof data === 'number' && data !== own) onOther();
  };
  return ticketNumber => {
    if (ticketNumber === null || ticketNumber === own) return;
    own = ticketNumber;
    channel.postMessage(ticketNumber);
  };
};
