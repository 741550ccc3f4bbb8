import { useEffect, useRef } from 'react';
import { CompanyField } from './company-field.tsx';
import { FIELD_NAMES, FIELDS, type FieldName, GROUPS, show } from './company-fields.ts';
import { about, aboutTheRest, type Company, changedFields, type Edits, useCompanyEdit } from './edit-company.ts';

type FormProps = { read: Company; onUnsaved: (unsaved: boolean) => void };

export function CompanyForm({ read, onUnsaved }: FormProps) {
  const { company, edits, answer, saving, save, edit } = useCompanyEdit(read);
  const form = useRef<HTMLFormElement>(null);
  const count = Object.keys(edits).length;
  useEffect(() => onUnsaved(count > 0), [onUnsaved, count]);
  useEffect(() => {
    if (answer.problems.length > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [answer.problems]);
  const theirs = answer.before ? changedFields(answer.before, company) : [];

  return (
    <form
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {GROUPS.map((group) => (
        <fieldset key={group}>
          <legend>{group}</legend>
          {FIELD_NAMES.filter((name) => FIELDS[name].group === group).map((name) => (
            <CompanyField
              key={name}
              name={name}
              value={name in edits ? edits[name] : company[name]}
              problems={about(answer.problems, name)}
              warnings={about(answer.warnings, name)}
              theirs={theirs.includes(name) && name in edits ? show(name, company[name]) : undefined}
              onChange={(value) => edit({ [name]: value })}
              onTakeTheirs={() => edit({ [name]: company[name] })}
            />
          ))}
        </fieldset>
      ))}
      <footer>
        {answer.before && <LostRace before={answer.before} after={company} edits={edits} theirs={theirs} />}
        {[...aboutTheRest(answer.problems), ...aboutTheRest(answer.warnings)].map((message) => (
          <p key={message} className="notice" role="alert">
            {message}
          </p>
        ))}
        <p role="status">{answer.saved ? `Saved as version ${company.version}.` : ''}</p>
        <button type="submit" className="primary" disabled={count === 0 || saving}>
          Save {count > 0 && (count === 1 ? '1 change' : `${count} changes`)} {answer.before && 'again'}
        </button>
      </footer>
    </form>
  );
}

type LostRaceProps = { before: Company; after: Company; edits: Edits; theirs: readonly FieldName[] };

/** Someone else was faster: what they changed, what becomes of one's own edits, and how to go on. */
function LostRace({ before, after, edits, theirs }: LostRaceProps) {
  return (
    <div className="notice" role="alert">
      <p>
        <strong>Someone else changed this company while you were editing.</strong> Your edits are kept and not yet
        saved.
      </p>
      <ul>
        {theirs.map((name) => (
          <li key={name}>
            {FIELDS[name].label}: <del>{show(name, before[name])}</del> <ins>{show(name, after[name])}</ins>
            {name in edits && <>, yours {show(name, edits[name])}</>}
          </li>
        ))}
      </ul>
    </div>
  );
}

export function focusField(name: string): void {
  const field = document.getElementById(name) ?? document.querySelector<HTMLElement>(`[id^="${name}-"]`);
  field?.focus();
}
