// Finds the language files: adding a language is adding `languages/TAG.ts`. Whether a file is complete is the compiler's
// business (wording.ts), not decided here.
import { readdir } from 'node:fs/promises';
import type { Wording } from './wording.ts';

const folder = new URL('./languages/', import.meta.url);
const fallbackLanguage = 'en';

export type Languages = readonly [Wording, ...Wording[]];

const loadWording = async (fileName: string): Promise<Wording> => {
  const module: { readonly wording: Wording } = await import(new URL(fileName, folder).href);
  if (`${module.wording.tag}.ts` !== fileName) {
    throw new Error(`languages/${fileName}: its tag is "${module.wording.tag}", expected the file's name`);
  }
  return module.wording;
};

/** All languages, the fallback first, then by tag. */
export const loadLanguages = async (): Promise<Languages> => {
  const fileNames = (await readdir(folder)).filter(name => name.endsWith('.ts')).sort();
  const [fallback, ...others] = await Promise.all([
    loadWording(`${fallbackLanguage}.ts`),
    ...fileNames.filter(name => name !== `${fallbackLanguage}.ts`).map(loadWording),
  ]);
  return [fallback, ...others];
};
