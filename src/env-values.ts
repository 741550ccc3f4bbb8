/** How single environment variables are read; each error says what is accepted. */
import { z } from 'zod';

/** Reports that a variable has a wrong value, and what is accepted. */
export type Refuse = (name: string, accepted: string) => undefined;

export const text = z.string().optional();

export const boolean = z.enum(['true', 'false'], 'use true or false').transform((value) => value === 'true');

export const wholeNumber = (min: number, max: number) => {
  const accepted = `use a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, accepted)
    .transform(Number)
    .pipe(z.number().min(min, accepted).max(max, accepted));
};

/** Origins as browsers send them, separated by spaces or commas. */
export const origins = z
  .string()
  .transform((list) => list.split(/[\s,]+/).filter(Boolean))
  .refine((list) => list.every(isOrigin), 'use origins such as https://app.example.com, separated by spaces');

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}
