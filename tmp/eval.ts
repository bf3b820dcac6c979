import { SimulatedSale, type SaleSecond } from '../test/simulation/shop/simulated-sale.ts';
const sum = (s: SaleSecond[], f: (x: SaleSecond) => number) => s.reduce((a, b) => a + f(b), 0);
const use = (s: SaleSecond[]) => sum(s, x => x.served) / sum(s, x => x.knee);
for (const hasTurnstile of [true, false]) {
  let rows: number[][] = [];
  for (let seed = 1; seed <= 24; seed++) {
    const knee = Math.round(10 ** (1.5 + 1.2 * ((seed * 0.618) % 1)));
    const thinksMs = seed % 3 === 0 ? [300, 2000] as const : seed % 3 === 1 ? [800, 6000] as const : [2000, 12000] as const;
    const sale = new SimulatedSale({ seed, knee, autopilot: {}, hasTurnstile, pacePerMinute: 60, thinksMs });
    sale.events.runUntil(420000);
    sale.shop.setKnee(knee / 2); sale.events.runUntil(540000); sale.shop.setKnee(knee); sale.events.runUntil(720000);
    const s = sale.seconds;
    const halvedErr = s.slice(425, 540), restored = s.slice(540);
    let back = -1; for (let t = 0; t + 10 <= restored.length; t++) if (use(restored.slice(t, t + 10)) >= 0.9) { back = t + 10; break; }
    const first = s.findIndex((_, i) => i > 10 && use(s.slice(i - 10, i)) > 0.85);
    rows.push([knee, thinksMs[1], first, use(s.slice(300, 420)), sum(s.slice(0, 420), x => x.errors) / sum(s.slice(0, 420), x => x.requests), sum(halvedErr, x => x.errors) / sum(halvedErr, x => x.requests), sum(halvedErr, x => x.held), use(s.slice(460, 540)), back, use(s.slice(620)) , sum(s.slice(545), x => x.errors)]);
  }
  console.log(hasTurnstile, 'knee think first85 use err% halvedErr% held useHalved back useAfter errAfter');
  for (const r of rows) console.log(r.map(x => x < 2 && x > 0 ? x.toFixed(4) : String(x)).join('\t'));
}
