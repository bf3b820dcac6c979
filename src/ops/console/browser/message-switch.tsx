// The message to the line, a text for each language, with a preview as the fans will read it.
import { useState } from 'preact/hooks';
import type { RoomReport } from './api.ts';
import { type Ask, Panel } from './switches.tsx';
import { showNumber } from './words.ts';

const charactersMax = 500;
const languages = [
  'en',
  'ja',
  'zh-Hans',
  'zh-Hant',
  'ko',
  'fr',
  'de',
  'es',
  'it',
  'pt',
  'ru',
  'ar',
  'th',
  'vi',
  'id',
] as const;

export function MessageSwitch({ room, ask }: { readonly room: RoomReport; readonly ask: Ask }) {
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({ en: '' });
  const given = Object.entries(texts).filter(([, text]) => text.trim() !== '');
  const next = languages.find(language => !(language in texts));
  const put = () => {
    const effect = `Everybody in line, ${showNumber(room.waiting)} devices now, reads it within a second${given.length > 1 ? `, in ${given.length} languages; who reads none of them gets the first` : ''}.`;
    ask({
      title: 'Show the message',
      effect,
      isDangerous: false,
      method: 'POST',
      path: 'message',
      body: { texts: Object.fromEntries(given) },
    });
  };
  const takeAway = () =>
    ask({
      title: 'Take the message away',
      effect: 'The line reads no message any more.',
      isDangerous: false,
      method: 'POST',
      path: 'message',
      body: { text: null },
    });
  return (
    <Panel title="Message to the line">
      {Object.entries(texts).map(([language, text]) => (
        <label key={language}>
          Text ({language})
          <textarea
            lang={language}
            dir="auto"
            rows={2}
            maxLength={charactersMax}
            value={text}
            onInput={event => setTexts({ ...texts, [language]: event.currentTarget.value.replaceAll('\n', ' ') })}
          />
        </label>
      ))}
      {given.length > 0 && (
        <div class="preview">
          <h4>Preview</h4>
          {given.map(([language, text]) => (
            <p key={language} lang={language} dir="auto">
              {text}
            </p>
          ))}
        </div>
      )}
      <p class="buttons">
        {next !== undefined && (
          <label class="inline">
            Add a language
            <select
              value=""
              onChange={event => {
                const { value } = event.currentTarget;
                if (value !== '') setTexts({ ...texts, [value]: '' });
              }}
            >
              <option value="">choose…</option>
              {languages
                .filter(language => !(language in texts))
                .map(language => (
                  <option key={language}>{language}</option>
                ))}
            </select>
          </label>
        )}
        <button type="button" disabled={given.length === 0} onClick={put}>
          Show the message…
        </button>
        <button type="button" disabled={room.message === null} onClick={takeAway}>
          Take it away…
        </button>
      </p>
    </Panel>
  );
}
