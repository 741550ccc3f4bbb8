/** Federated tracing: a router that asks for it learns how long each field took, in Apollo's format `ftv1`. */
import { google, Trace } from '@apollo/usage-reporting-protobuf';
import {
  defaultFieldResolver,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLField,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isIntrospectionType,
  isObjectType,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';

const HEADER = 'apollo-federation-include-trace';

type Path = GraphQLResolveInfo['path'];
type Recording = { began: bigint; trace: Trace; nodes: Map<string, Trace.Node> };

const recordings = new WeakMap<object, Recording>();

/**
 * Put it after the plugin that gives errors their public form: a trace repeats them. `createTwin` makes a schema like the
 * one that is served; its fields are timed, so that those of requests without a trace cost nothing.
 */
export function useTracing(createTwin: () => GraphQLSchema): Plugin {
  let twin: GraphQLSchema | undefined;
  return {
    onExecute({ args }) {
      const { request } = args.contextValue as { request: Request };
      if (request.headers.get(HEADER) !== 'ftv1') return;
      twin ??= timeFields(createTwin());
      args.schema = twin;
      recordings.set(request, begin());
    },
    onResultProcess({ request, result, setResult }) {
      const recording = recordings.get(request);
      if (recording === undefined || Array.isArray(result)) return;
      const { errors = [], extensions, ...answer } = result as ExecutionResult;
      const ftv1 = encode(recording, errors);
      setResult({ ...answer, ...(errors.length > 0 && { errors }), extensions: { ...extensions, ftv1 } });
    },
  };
}

/** Changes the schema. */
function timeFields(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    for (const field of Object.values(type.getFields())) field.resolve = timed(field);
  }
  return schema;
}

function timed({ resolve = defaultFieldResolver }: GraphQLField<unknown, { request: Request }>) {
  return (source: unknown, args: Record<string, unknown>, context: { request: Request }, info: GraphQLResolveInfo) => {
    const recording = recordings.get(context.request);
    if (recording === undefined) return resolve(source, args, context, info);
    const node = nodeAt(recording, info.path);
    node.type = String(info.returnType);
    node.parentType = info.parentType.name;
    if (info.path.key !== info.fieldName) node.originalFieldName = info.fieldName;
    node.startTime = nanoseconds(recording);
    const end = () => {
      node.endTime = nanoseconds(recording);
    };
    let answer: unknown;
    try {
      answer = resolve(source, args, context, info);
      return isPromise(answer) ? Promise.resolve(answer).finally(end) : answer;
    } finally {
      if (!isPromise(answer)) end();
    }
  };
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

function begin(): Recording {
  const root = new Trace.Node();
  const trace = new Trace({ root, fieldExecutionWeight: 1, startTime: timestamp() });
  return { began: process.hrtime.bigint(), trace, nodes: new Map([['', root]]) };
}

function nanoseconds({ began }: Recording): number {
  return Number(process.hrtime.bigint() - began);
}

function timestamp(): google.protobuf.Timestamp {
  const now = Date.now();
  return new google.protobuf.Timestamp({ seconds: Math.floor(now / 1000), nanos: (now % 1000) * 1e6 });
}

/** The node of a place in the answer; made when it is new, with those above it. */
function nodeAt(recording: Recording, path: Path | undefined): Trace.Node {
  const name = nameOf(path);
  const known = recording.nodes.get(name);
  if (known !== undefined || path === undefined) return known ?? new Trace.Node();
  const { key } = path;
  const node = new Trace.Node(typeof key === 'number' ? { index: key } : { responseName: key });
  nodeAt(recording, path.prev).child.push(node);
  recording.nodes.set(name, node);
  return node;
}

function nameOf(path: Path | undefined): string {
  return path === undefined ? '' : `${nameOf(path.prev)}.${path.key}`;
}

function encode({ trace, nodes, ...recording }: Recording, errors: readonly GraphQLError[]): string {
  for (const error of errors) nearest(nodes, error.path ?? [])?.error.push(publicError(error));
  trace.durationNs = nanoseconds({ trace, nodes, ...recording });
  trace.endTime = timestamp();
  return Buffer.from(Trace.encode(trace).finish()).toString('base64');
}

/** A field whose arguments were wrong has no node: its error stands at the one above. */
function nearest(nodes: Recording['nodes'], path: readonly (string | number)[]): Trace.Node | undefined {
  const name = path.map((key) => `.${key}`).join('');
  return nodes.get(name) ?? nearest(nodes, path.slice(0, -1));
}

function publicError({ message, path, locations = [], extensions: { code, requestId } }: GraphQLError): Trace.Error {
  return new Trace.Error({
    message,
    location: locations.map((location) => new Trace.Location(location)),
    json: JSON.stringify({ message, path, locations, extensions: { code, requestId } }),
  });
}
