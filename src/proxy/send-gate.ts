// Back-pressure of a socket that is written to: when the sender has to stop, and when it may go on. Writing and
// measuring are left to the socket.

export type SendGate = {
  /** Called after each write was handed over. False: stop until `drained` is called. */
  afterSend(): boolean;
  /** Called when a write has gone out. */
  afterWrite(): void;
};

/** Once `afterSend` has said stop it stays so, and `drained` comes once when half of `heldBytesMax` is left. */
export function openSendGate(heldBytesMax: number, heldBytes: () => number, drained: () => void): SendGate {
  let isFull = false;
  return {
    afterSend() {
      // A sender that goes on nevertheless is told `drained` all the same. // PX60
      if (heldBytes() > heldBytesMax) isFull = true;
      return !isFull;
    },
    afterWrite() {
      if (!isFull || heldBytes() > heldBytesMax / 2) return;
      isFull = false;
      drained();
    },
  };
}
