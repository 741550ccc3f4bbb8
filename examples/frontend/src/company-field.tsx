import type { ReactNode } from 'react';
import { CERTIFICATIONS, FIELDS, type Field, type FieldName, type Value } from './company-fields.ts';
import { COUNTRIES, countryName } from './countries.ts';
import type { Certification } from './gql/graphql.ts';

type Props = {
  name: FieldName;
  value: Value;
  problems: readonly string[];
  warnings: readonly string[];
  /** What someone else has made of it meanwhile. */
  theirs: string | undefined;
  onChange: (value: Value) => void;
  onTakeTheirs: () => void;
};

export function CompanyField({ name, value, problems, warnings, theirs, onChange, onTakeTheirs }: Props) {
  const field: Field = FIELDS[name];
  const messages = `${name}-messages`;
  const control = {
    id: name,
    'aria-invalid': problems.length > 0,
    'aria-describedby': messages,
  };
  return (
    <div className={`field ${field.kind === 'text' ? 'wide' : field.kind}`}>
      {field.kind === 'certifications' ? (
        <Certifications value={Array.isArray(value) ? value : []} control={control} onChange={onChange} />
      ) : (
        <>
          <label htmlFor={name}>
            {field.label} {field.unit && <span className="unit">{field.unit}</span>}
          </label>
          <Control field={field} control={control} value={value} onChange={onChange} />
        </>
      )}
      <div id={messages} className="messages">
        {problems.map((message) => (
          <p key={message} className="problem">
            {message}
          </p>
        ))}
        {warnings.map((message) => (
          <p key={message} className="warning">
            {message}
          </p>
        ))}
        {theirs !== undefined && (
          <p className="warning">
            It is {theirs} now.{' '}
            <button type="button" className="quiet" onClick={onTakeTheirs}>
              Keep that
            </button>
          </p>
        )}
      </div>
    </div>
  );
}

type ControlAttributes = { id: string; 'aria-invalid': boolean; 'aria-describedby': string };
type ControlProps = { field: Field; control: ControlAttributes; value: Value; onChange: (value: Value) => void };

function Control({ field, control, value, onChange }: ControlProps): ReactNode {
  const text = value == null ? '' : String(value);
  if (field.kind === 'country') {
    return (
      <select {...control} value={text} onChange={(event) => onChange(event.target.value)}>
        {[...new Set([text, ...COUNTRIES])].map((code) => (
          <option key={code} value={code}>
            {countryName(code)}
          </option>
        ))}
      </select>
    );
  }
  if (field.kind === 'text') {
    return <input {...control} value={text} onChange={(event) => onChange(event.target.value || null)} />;
  }
  // No `min`, `max` or `required`: the rules are the gateway's, and its sentences appear below.
  return (
    <input
      {...control}
      type="number"
      step={field.kind === 'number' ? 'any' : 1}
      value={text}
      onChange={({ target }) => onChange(target.value === '' ? null : target.valueAsNumber)}
    />
  );
}

type CertificationsProps = {
  value: readonly Certification[];
  control: ControlAttributes;
  onChange: (value: Value) => void;
};

function Certifications({ value, control, onChange }: CertificationsProps) {
  return Object.entries(CERTIFICATIONS).map(([certification, label]) => (
    <label key={certification} htmlFor={`${control.id}-${certification}`}>
      <input
        {...control}
        id={`${control.id}-${certification}`}
        type="checkbox"
        checked={value.includes(certification as Certification)}
        onChange={({ target }) =>
          onChange(
            target.checked
              ? [...value, certification as Certification]
              : value.filter((given) => given !== certification),
          )
        }
      />
      {label}
    </label>
  ));
}
