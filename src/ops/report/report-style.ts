// The style of the report's page: one column, both themes, paper.

export const reportStyle = `:root{color-scheme:light dark;--ink:#1d1c1a;--soft:#5f5a52;--paper:#fff;--card:#faf8f5;--edge:#ded8ce;--one:#0b7285;--two:#c2255c;--three:#5f3dc4;--four:#6b655c;--bad:#e03131;--held:#e8890c}
@media(prefers-color-scheme:dark){:root{--ink:#f1ede6;--soft:#b3aca0;--paper:#181715;--card:#211f1c;--edge:#3d3934;--one:#3bc9db;--two:#faa2c1;--three:#b197fc;--four:#a39c91;--bad:#ff6b6b;--held:#ffc078}}
*{box-sizing:border-box}body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:0}
main{max-width:980px;margin:0 auto;padding:28px 20px 60px}h1{font-size:30px;line-height:1.15;margin:0 0 4px}h2{font-size:20px;margin:44px 0 10px}
.lead{font-size:18px;margin:14px 0 22px}.made,small,.empty,time,.none{color:var(--soft)}small{font-weight:400;font-size:14px;margin-left:6px}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(205px,1fr));gap:1px;background:var(--edge);border:1px solid var(--edge);border-radius:10px;overflow:hidden;margin:0}
dl div{background:var(--card);padding:11px 14px}dt{color:var(--soft);font-size:14px}dd{margin:0;font-size:21px;font-weight:650;font-variant-numeric:tabular-nums}dd small{display:block;margin:0;font-size:13px}
figure{margin:26px 0 0;break-inside:avoid}figcaption{font-weight:650}svg{display:block;width:100%;height:auto;margin-top:4px}svg text{font-size:12px;fill:var(--soft);font-variant-numeric:tabular-nums}
.grid{stroke:var(--edge);fill:none}.line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}.line.limit{stroke-dasharray:6 4;stroke-width:1.4}.area{opacity:.14;stroke:none}
.line.one{stroke:var(--one)}.line.two{stroke:var(--two)}.line.three{stroke:var(--three)}.line.four{stroke:var(--four)}.area.one{fill:var(--one)}.area.two{fill:var(--two)}.area.three{fill:var(--three)}
.band{opacity:.16}.band.failing{fill:var(--bad)}.band.paused,.band.draining{fill:var(--held)}.band.unrecorded{fill:var(--four)}.mark{fill:var(--ink)}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:2px 18px;margin:2px 0 0;padding:0;font-size:14px;color:var(--soft)}.legend i{display:inline-block;width:18px;height:0;border-top:3px solid;margin-right:7px;vertical-align:middle}
.legend .limit{border-top-style:dashed;border-top-width:2px}.legend .one{color:var(--one)}.legend .two{color:var(--two)}.legend .three{color:var(--three)}.legend .four{color:var(--four)}.legend .swatch{border:0;height:12px;border-radius:2px;opacity:.45}
.swatch.failing{background:var(--bad)}.swatch.paused,.swatch.draining{background:var(--held)}.swatch.unrecorded{background:var(--four)}
.events{list-style:none;margin:0;padding:0}.events li{display:grid;grid-template-columns:86px 1fr;gap:4px 14px;padding:8px 0;border-top:1px solid var(--edge);overflow-wrap:anywhere;break-inside:avoid}
.events .day{display:block;font-weight:650;padding:12px 0 6px}.events p{margin:0}.events small{margin:0}.events blockquote{margin:2px 0 0;padding-left:12px;border-left:3px solid var(--one)}time{font-variant-numeric:tabular-nums}
@media(max-width:520px){main{padding:20px 14px 40px}dl{grid-template-columns:1fr 1fr}dd{font-size:18px}svg text{font-size:20px}.events li{grid-template-columns:1fr}}
@media print{:root{--paper:#fff}main{max-width:none;padding:0}h2{break-after:avoid}}`;
