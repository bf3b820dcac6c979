// The switch of the page's language. A choice is remembered in a cookie and made by the gateway with the next load.
import type { PageData } from './page-data.ts';

const languageKeptSeconds = 31_536_000;

export const startLanguageSwitch = ({ settings }: PageData, isUsable: boolean): void => {
  const select = document.getElementById('language');
  const label = document.getElementById('languages');
  if (!(select instanceof HTMLSelectElement) || label === null || settings.languages.length < 2 || !isUsable) return;
  for (const [tag, name] of settings.languages) {
    const option = new Option(name, tag, false, tag === settings.language);
    option.lang = tag;
    select.append(option);
  }
  label.hidden = false;
  select.addEventListener('change', () => {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is younger than the browsers we serve.
    document.cookie = `junban-language=${select.value};path=/;max-age=${languageKeptSeconds};samesite=lax`;
    location.reload();
  });
};
