// Preloaded into a gateway (`node --import`): its clock runs as always, but stands elsewhere. For drand rounds whose
// signatures are known, which all lie in the past.

const shiftMs = Number(process.env['CLOCK_SHIFT_MS'] ?? '0');
const now = Date.now;
Date.now = () => now() + shiftMs;

export {};
