// The message to the line, a text for each language, with the fan's own page as the preview. Follows what others tell
// until somebody types here.
import { useEffect, useState } from 'preact/hooks';
import type { RoomReport } from './api.ts';
import { ofRoom, useAsk } from './ask.tsx';
import { Overtaken, Panel } from './panel.tsx';
import type { OfRoom } from './switches.tsx';
import { showMessage, showNumber } from './words.ts';

type Texts = Readonly<Record<string, string>>;
type Draft = { readonly texts: Texts; readonly basis: string };

const charactersMax = 500;
/** The languages of the waiting page. */
const languages = (
  'en ja zh-Hans zh-Hant ko fr de es it pt nl da sv nb fi pl cs hu el ru uk tr he ar hi th vi id' as const
).split(' ');
const names = new Intl.DisplayNames('en', { type: 'language' });
const nameOf = (language: string): string => `${names.of(language) ?? language} (${language})`;

export function MessageSwitch({ room }: OfRoom) {
  const ask = useAsk();
  const [draft, setDraft] = useState<Draft | null>(null);
  const [shown, setShown] = useState<string | null>(null);
  const told = showMessage(room);
  const texts = draft?.texts ?? textsOf(room);
  const given = Object.entries(texts).filter(([, text]) => text.trim() !== '');
  const edit = (language: string, text: string) => {
    setDraft({ texts: { ...texts, [language]: text }, basis: draft?.basis ?? told });
    setShown(language);
  };
  const remove = (language: string) => {
    const left = Object.fromEntries(Object.entries(texts).filter(([other]) => other !== language));
    setDraft({ texts: left, basis: draft?.basis ?? told });
  };
  const until = room.message === null ? '' : ` Until now it read: ${told}.`;
  const put = async () => {
    const many = given.length > 1 ? `, in ${given.length} languages; who reads none of them gets the first` : '';
    const done = await ask({
      title: 'Show the message',
      effect: `Everybody in line, ${showNumber(room.waiting)} devices now, reads it within a second${many}: ${given.map(([, text]) => `“${text.trim()}”`).join(' ')}${until}`,
      isDangerous: false,
      ...ofRoom(room, 'POST', 'message', { texts: Object.fromEntries(given) }),
    });
    if (done !== null) setDraft(null);
  };
  const takeAway = async () => {
    const done = await ask({
      title: 'Take the message away',
      effect: `The line reads no message any more.${until}`,
      isDangerous: false,
      ...ofRoom(room, 'POST', 'message', { text: null }),
    });
    if (done !== null) setDraft(null);
  };
  return (
    <Panel title="Message to the line" state={room.message === null ? 'none' : told}>
      <TextFields texts={texts} onEdit={edit} onRemove={remove} onShow={setShown} />
      {draft !== null && draft.basis !== told && <Overtaken told={told} onTake={() => setDraft(null)} />}
      <p class="buttons">
        <button type="button" class="main" disabled={given.length === 0 || draft === null} onClick={put}>
          Show the message…
        </button>
        <button type="button" disabled={room.message === null} onClick={takeAway}>
          Take it away…
        </button>
      </p>
      <Preview room={room.room} given={given} language={shown} />
    </Panel>
  );
}

type TextsNeeds = {
  readonly texts: Texts;
  readonly onEdit: (language: string, text: string) => void;
  readonly onRemove: (language: string) => void;
  readonly onShow: (language: string) => void;
};

function TextFields({ texts, onEdit, onRemove, onShow }: TextsNeeds) {
  const isSeveral = Object.keys(texts).length > 1;
  return (
    <>
      {Object.entries(texts).map(([language, text]) => (
        <div class="text" key={language}>
          <label>
            {nameOf(language)}
            <textarea
              {...{ lang: language, dir: 'auto', rows: 3, maxLength: charactersMax, value: text }}
              onFocus={() => onShow(language)}
              onInput={event => onEdit(language, event.currentTarget.value.replaceAll('\n', ' '))}
            />
          </label>
          {isSeveral && (
            <button
              type="button"
              class="icon"
              aria-label={`Remove ${nameOf(language)}`}
              onClick={() => onRemove(language)}
            >
              ×
            </button>
          )}
        </div>
      ))}
      <label>
        Add a language
        <select
          value=""
          onChange={event => {
            if (event.currentTarget.value !== '') onEdit(event.currentTarget.value, '');
          }}
        >
          <option value="">choose…</option>
          {languages
            .filter(language => !(language in texts))
            .map(language => (
              <option key={language} value={language}>
                {nameOf(language)}
              </option>
            ))}
        </select>
      </label>
    </>
  );
}

type PreviewNeeds = {
  readonly room: string;
  readonly given: readonly (readonly [string, string])[];
  readonly language: string | null;
};

const typingMs = 500;

/** The waiting page itself with the message on it, in a frame that connects to nothing. */
function Preview({ room, given, language }: PreviewNeeds) {
  const [tag, text] = given.find(([each]) => each === language) ?? given[0] ?? ['', ''];
  const [settled, setSettled] = useState({ tag, text });
  useEffect(() => {
    const timer = setTimeout(() => setSettled({ tag, text }), typingMs);
    return () => clearTimeout(timer);
  }, [tag, text]);
  if (text.trim() === '' || settled.text.trim() === '') return null;
  const query = new URLSearchParams({ room, language: settled.tag, message: settled.text.trim() });
  return (
    <figure class="preview">
      <figcaption>As the fans will see it, {nameOf(settled.tag)}</figcaption>
      <iframe sandbox="allow-scripts" title={`Preview, ${nameOf(settled.tag)}`} src={`/_junban/preview?${query}`} />
    </figure>
  );
}

function textsOf({ message, messages }: RoomReport): Texts {
  return messages ?? { en: message ?? '' };
}
