// A notice as the gateway answers it: the operator's words come in the language of the page.
import { expect, test } from 'vitest';
import { noticeAnswer } from '../../../src/gateway/page-answer.ts';
import { buildWaitingPage } from '../../../src/page/waiting-page.ts';

const page = await buildWaitingPage({ prefix: '/_junban', room: { id: 'sale', claim: 'confirm' } });
const message = { en: 'Back at ten', ja: '十時に再開', 'zh-Hant': '十點再開' };

test.each([
  ['en;q=0.5,ja;q=0.9', '', '十時に再開'],
  ['zh-TW', '', '十點再開'],
  ['en', 'junban-language=ja', '十時に再開'],
  ['xx', '', 'Back at ten'],
])(
  '[WR131] a device that accepts %s and chose "%s" reads the message in the language of its page',
  (acceptLanguage, cookie, text) => {
    const wish = { acceptLanguage, accepted: { br: false, gzip: false }, cookie, target: '/' };
    const { body } = noticeAnswer(page, wish, { kind: 'room-ended', message });
    const visit = /id="visit">(.*?)<\/script>/.exec(Buffer.from(body ?? '').toString())?.[1];
    expect(JSON.parse(visit ?? '')).toMatchObject({ notice: { message: text } });
  },
);
