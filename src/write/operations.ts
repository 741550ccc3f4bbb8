/**
 * Create, upsert, patch and delete, for every type of record. Each is one transaction that happens whole or, with a
 * Refusal, not at all. Parallel calls on one key or one record wait for each other. All answer the whole row.
 */
import type { TenantDatabase, Transaction } from '../database/client.ts';
import {
  ConflictError,
  InvalidInputError,
  NotFoundError,
  orRefused,
  Refusal,
  type Refused,
  refuseIfAny,
  StaleVersionError,
  type UserError,
} from '../errors.ts';
import {
  changes,
  type Fields,
  type Input,
  missingFields,
  type Parsed,
  parseFields,
  type Values,
  withInitialValues,
} from './fields.ts';
import { lock } from './locks.ts';
import { type Key, type Manner, type RecordRow, type RecordType, stamp } from './record.ts';
import type { Warning, Written } from './written.ts';

type Path = readonly string[];
type Hit<Row> = { key: Key<Row>; row: Row };

export class RecordOperations<Table extends Fields, Row extends RecordRow> {
  readonly #type: RecordType<Table, Row>;

  constructor(type: RecordType<Table, Row>) {
    this.#type = type;
  }

  /**
   * Creates a record.
   *
   * @throws Refusal with every problem of the input, or with a ConflictError that shows the records that have its keys.
   */
  async create(database: TenantDatabase, input: Input, path: Path): Promise<Written<Row>> {
    const parsed = this.#parse(input, path);
    return database.transaction(async (transaction) => {
      const keys = this.#keys(input, parsed).filter(({ shared }) => !shared);
      await this.#lockKeys(transaction, keys);
      const hits = await this.#findHits(transaction, keys);
      if (hits.length === 0) return this.#insert(transaction, input, parsed, path);
      refuseIfAny([...parsed.problems, ...missingFields(this.#type.fields, input, path)]);
      throw this.#conflict(hits, path, 'patch the record that is there, or send other keys');
    });
  }

  /**
   * Creates a record, or patches the one that a key of the input names. Absent fields keep their value. A repeated call
   * changes nothing: its outcome is UNCHANGED.
   *
   * @throws Refusal with every problem of the input, or with one ConflictError when its keys hit several records.
   */
  async upsert(database: TenantDatabase, input: Input, path: Path): Promise<Written<Row>> {
    const parsed = this.#parse(input, path);
    return database.transaction(async (transaction) => {
      const keys = this.#keys(input, parsed);
      await this.#lockKeys(transaction, keys);
      const [found] = await this.#findBest(transaction, keys);
      if (found === undefined) return this.#insert(transaction, input, parsed, path);

      await this.#lockRecord(transaction, found.row);
      const hits = await this.#findBest(transaction, keys);
      const [match] = hits;
      if (match === undefined) return this.#insert(transaction, input, parsed, path); // deleted while we waited for it
      if (hits.some(({ row }) => row.id !== match.row.id)) {
        throw this.#conflict(hits, path, 'send the keys of one record', parsed.problems);
      }
      const written = await this.#change(transaction, match.row, parsed, path, 'upsert');
      const replaced = this.#replacedKeys(match, written.changedFields, path);
      const warnings = [...this.#ignoredId(match.row, input, path), ...replaced, ...written.warnings];
      return { ...written, matchedBy: match.key.name, warnings };
    });
  }

  /**
   * Upserts the items one after the other, each in a transaction of its own: one that is refused leaves the others alone,
   * and a later item sees what an earlier one wrote. Paths begin with the item's position.
   */
  async upsertAll(database: TenantDatabase, items: readonly Input[]): Promise<(Written<Row> | Refused)[]> {
    const results: (Written<Row> | Refused)[] = [];
    for (const [position, item] of items.entries()) {
      results.push(await orRefused(this.upsert(database, item, [String(position)])));
    }
    return results;
  }

  /**
   * Changes the fields that `patch` has: `null` clears, a list replaces, absence keeps.
   *
   * @throws Refusal with every problem of the patch, or with NotFoundError, StaleVersionError or ConflictError.
   */
  async patch(database: TenantDatabase, key: Key<Row>, patch: Input, ifVersion?: number | null): Promise<Written<Row>> {
    const path = ['patch'];
    const parsed = this.#parse(patch, path);
    return database.transaction(async (transaction) => {
      await this.#lockKeys(transaction, this.#type.keys(parsed.values));
      const row = await this.#lockByKey(transaction, key);
      if (row === undefined) throw new Refusal([this.#notFound(), ...parsed.problems]);
      this.#assertVersion(row, ifVersion, parsed.problems);
      return this.#change(transaction, row, parsed, path, 'patch');
    });
  }

  /**
   * Deletes a record and answers it as it was.
   *
   * @throws Refusal with NotFoundError or StaleVersionError.
   */
  async delete(database: TenantDatabase, key: Key<Row>, ifVersion?: number | null): Promise<Row> {
    return database.transaction(async (transaction) => {
      const row = await this.#lockByKey(transaction, key);
      if (row === undefined) throw new Refusal([this.#notFound()]);
      this.#assertVersion(row, ifVersion);
      await this.#type.delete(transaction, row);
      return row;
    });
  }

  /**
   * The record with this key, as it is until the transaction ends: no other write of ours can change it meanwhile.
   *
   * @throws Refusal with NotFoundError, or ConflictError when several records have the key.
   */
  async lockOne(transaction: Transaction, key: Key<Row>): Promise<Row> {
    const row = await this.#lockByKey(transaction, key);
    if (row === undefined) throw new Refusal([this.#notFound()]);
    return row;
  }

  #parse(input: Input, path: Path): Parsed<Table> {
    return parseFields(this.#type.fields, input, path);
  }

  #keys(input: Input, { values }: Parsed<Table>): Key<Row>[] {
    return this.#type.keys({ ...values, ...this.#givenId(input) });
  }

  /** The ID that the client chose, if it did; GraphQL's UUID scalar has checked it. */
  #givenId(input: Input): { id?: string } {
    const id = input[this.#type.idField];
    return typeof id === 'string' ? { id } : {};
  }

  #lockKeys(transaction: Transaction, keys: readonly Key<Row>[]): Promise<void> {
    const names = keys.map(({ where }) => JSON.stringify(where));
    return lock(transaction, `${this.#type.name} key`, names);
  }

  #lockRecord(transaction: Transaction, { id }: Row): Promise<void> {
    return lock(transaction, this.#type.name, [id]);
  }

  async #lockByKey(transaction: Transaction, key: Key<Row>): Promise<Row | undefined> {
    const [found, ...others] = await this.#type.find(transaction, key.where);
    if (found === undefined) return undefined;
    if (others.length > 0) {
      const hits = [found, ...others].map((row) => ({ key, row }));
      throw this.#conflict(hits, ['by'], 'name one of them by its ID');
    }
    await this.#lockRecord(transaction, found);
    const [row] = await this.#type.find(transaction, { AND: [key.where, { id: found.id }] });
    return row;
  }

  /** What the keys hit, in the order of the keys. */
  async #findHits(transaction: Transaction, keys: readonly Key<Row>[]): Promise<Hit<Row>[]> {
    if (keys.length === 0) return [];
    const rows = await this.#type.find(transaction, { OR: keys.map(({ where }) => where) });
    return keys.flatMap((key) => rows.filter((row) => key.holds(row)).map((row) => ({ key, row })));
  }

  /** What the record's own keys hit; only where these hit nothing, what the shared ones do. */
  async #findBest(transaction: Transaction, keys: readonly Key<Row>[]): Promise<Hit<Row>[]> {
    const hits = await this.#findHits(transaction, keys);
    const own = hits.filter(({ key }) => !key.shared);
    return own.length > 0 ? own : hits;
  }

  async #insert(transaction: Transaction, input: Input, parsed: Parsed<Table>, path: Path): Promise<Written<Row>> {
    const values = withInitialValues(this.#type.fields, parsed.values);
    const draft = { manner: 'create' as const, id: undefined, values, given: parsed.values };
    refuseIfAny([
      ...parsed.problems,
      ...missingFields(this.#type.fields, input, path),
      ...((await this.#type.check?.(transaction, draft, path)) ?? []),
    ]);
    const { columns } = this.#split(values);
    const row = await this.#type.create(transaction, this.#givenId(input).id, columns as Values<Table>);
    const rowFields = await this.#writeRows(transaction, row.id, parsed.values, 'create');
    const [complete = row] = rowFields.length > 0 ? await this.#type.find(transaction, { id: row.id }) : [];
    const changedFields = Object.keys(parsed.values);
    return {
      row: complete,
      outcome: 'CREATED',
      matchedBy: null,
      changedFields,
      warnings: this.#type.warnings(values, path),
    };
  }

  async #change(
    transaction: Transaction,
    row: Row,
    parsed: Parsed<Table>,
    path: Path,
    manner: Manner,
  ): Promise<Written<Row>> {
    const before = this.#type.values(row);
    const values = { ...before, ...parsed.values };
    const { columns } = this.#split(parsed.values);
    const changed = changes(before, columns);
    const draft = { manner, id: row.id, values, given: { ...changed, ...this.#split(parsed.values).rows } };
    refuseIfAny([
      ...parsed.problems,
      ...this.#fixedFields(changed, path),
      ...((await this.#type.check?.(transaction, draft, path)) ?? []),
    ]);
    await this.#refuseTakenKeys(transaction, row, values, path);

    const changedRows = await this.#writeRows(transaction, row.id, parsed.values, manner);
    const changedFields = [...Object.keys(changed), ...changedRows];
    const answer = { matchedBy: null, changedFields, warnings: this.#type.warnings(values, path) };
    if (changedFields.length === 0) return { ...answer, row, outcome: 'UNCHANGED' };
    const updated = await this.#type.update(transaction, row, changed, stamp());
    return { ...answer, row: updated, outcome: 'UPDATED' };
  }

  /** The values that are columns, and those that are rows of another table. */
  #split(values: Partial<Values<Table>>): { columns: Partial<Values<Table>>; rows: Partial<Values<Table>> } {
    const rowFields = this.#type.rowFields ?? {};
    const entries = Object.entries(values);
    const pick = (inRows: boolean) => Object.fromEntries(entries.filter(([name]) => name in rowFields === inRows));
    return { columns: pick(false) as Partial<Values<Table>>, rows: pick(true) as Partial<Values<Table>> };
  }

  /** @returns the names of the fields that changed. */
  async #writeRows(
    transaction: Transaction,
    id: string,
    values: Partial<Values<Table>>,
    manner: Manner,
  ): Promise<string[]> {
    const changed: string[] = [];
    for (const [name, write] of Object.entries(this.#type.rowFields ?? {})) {
      const value = values[name];
      if (value !== undefined && (await write?.(transaction, id, value, manner))) changed.push(name);
    }
    return changed;
  }

  #fixedFields(changed: Partial<Values<Table>>, path: Path): UserError[] {
    return Object.keys(changed)
      .filter((name) => this.#type.fields[name]?.fixed)
      .map(
        (name) =>
          new InvalidInputError([...path, name], `The ${name} is set at creation and never changes: leave it out.`),
      );
  }

  async #refuseTakenKeys(transaction: Transaction, row: Row, values: Values<Table>, path: Path): Promise<void> {
    const newKeys = this.#type.keys(values).filter((key) => !key.shared && !key.holds(row));
    const taken = (await this.#findHits(transaction, newKeys)).filter((hit) => hit.row.id !== row.id);
    if (taken.length > 0) throw this.#conflict(taken, path, 'send another key, or patch the record that has it');
  }

  /** A record found by a key that others may have too was perhaps another one, where its own key was replaced. */
  #replacedKeys({ key, row }: Hit<Row>, changedFields: readonly string[], path: Path): Warning[] {
    if (!key.shared) return [];
    const { keys, noun, values } = this.#type;
    const own = keys(values(row)).filter(({ name, shared }) => !shared && changedFields.includes(name));
    const message = (name: string) => `The ${noun} found by ${key.name} had another ${name}, which was replaced.`;
    return own.map(({ name }) => ({ path: [...path, name], message: message(name) }));
  }

  #ignoredId(row: Row, input: Input, path: Path): Warning[] {
    const { idField, noun } = this.#type;
    const { id = row.id } = this.#givenId(input);
    if (id === row.id) return [];
    return [
      { path: [...path, idField], message: `No ${noun} has this ID; the one that another key found keeps its own.` },
    ];
  }

  #conflict(hits: readonly Hit<Row>[], path: Path, advice: string, problems: readonly UserError[] = []): Refusal {
    const first = new Map<string, Hit<Row>>();
    for (const hit of hits) if (!first.has(hit.row.id)) first.set(hit.row.id, hit);
    const existing = [...first.values()].map(({ key, row }) => ({ type: this.#type.name, key: key.name, row }));
    const keys = [...new Set(hits.map(({ key }) => key.name))];
    const subject = existing.length === 1 ? `A ${this.#type.noun} already has` : 'Different records have';
    const message = `${subject} this ${keys.join(' and this ')}: ${advice}.`;
    return new Refusal([new ConflictError([...path, ...keys.slice(0, 1)], message, existing), ...problems]);
  }

  #notFound(): NotFoundError {
    return new NotFoundError(['by'], `There is no such ${this.#type.noun}: check the key.`);
  }

  #assertVersion(row: Row, ifVersion: number | null | undefined, problems: readonly UserError[] = []): void {
    if (ifVersion == null || ifVersion === row.version) return;
    const message = `The ${this.#type.noun} is at version ${row.version}: read it again and repeat your change on what you find.`;
    throw new Refusal([new StaleVersionError(['ifVersion'], message, row.version), ...problems]);
  }
}
