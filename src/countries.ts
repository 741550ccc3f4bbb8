/** Countries by ISO 3166-1. */
import countries from 'i18n-iso-countries/index.js'; // the plain entry would load the names in all languages

/** The two-letter code of a country named by two or three letters in any case; `undefined` for what is none. */
export function toAlpha2(code: string): string | undefined {
  if (!/^[a-z]{2,3}$/i.test(code)) return undefined; // toUpperCase would turn ß into SS, South Sudan
  const upper = code.toUpperCase();
  if (upper.length === 3) return countries.alpha3ToAlpha2(upper);
  return countries.isValid(upper) && upper.length === 2 ? upper : undefined;
}
