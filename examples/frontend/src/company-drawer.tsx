import { useEffect, useRef, useState } from 'react';
import { useQuery } from 'urql';
import { FIELDS } from './company-fields.ts';
import { CompanyForm, focusField } from './company-form.tsx';
import { CompanyToEdit } from './edit-company.ts';
import { Breakdown, Ring } from './readiness.tsx';

const fields: Record<string, { label: string }> = FIELDS;

/** One company beside the list: its readiness as a picture, and the form. Escape closes it, as the button does. */
export function CompanyDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [unsaved, setUnsaved] = useState(false);
  const [{ data, error }] = useQuery({ query: CompanyToEdit, variables: { id }, requestPolicy: 'cache-and-network' });
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
  }, []);

  const mayClose = () => !unsaved || window.confirm('Close without saving your edits?');
  const company = data?.company;
  return (
    <dialog
      ref={dialog}
      className="drawer"
      aria-labelledby="drawer-title"
      onCancel={(event) => mayClose() || event.preventDefault()}
      onClose={onClose}
    >
      <header>
        <h2 id="drawer-title">{company?.name ?? 'Company'}</h2>
        <button type="button" className="quiet" onClick={() => mayClose() && dialog.current?.close()}>
          Close
        </button>
      </header>
      {company ? (
        <>
          <section className="readiness" aria-label="Carbon readiness">
            <Ring criteria={company.carbonReadiness.criteria} />
            <Breakdown
              criteria={company.carbonReadiness.criteria}
              labelOf={(field) => fields[field]?.label}
              onMissing={focusField}
            />
          </section>
          <CompanyForm read={company} onUnsaved={setUnsaved} />
        </>
      ) : (
        <p className="empty">{error ? 'The gateway does not answer.' : data ? 'It was deleted.' : 'Loading …'}</p>
      )}
    </dialog>
  );
}
