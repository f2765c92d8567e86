/** What CloudFormation sends to a custom resource, checked at the edge. */
import { z } from 'zod';

/** The part of CloudFormation's request that handlers need; properties arrive as strings, whatever they were. */
const requestSchema = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  PhysicalResourceId: z.string().optional(),
  ResourceProperties: z.record(z.string(), z.unknown()),
  OldResourceProperties: z.record(z.string(), z.unknown()).optional(),
  /** What the first handler of an asynchronous resource answered. */
  Data: z.record(z.string(), z.unknown()).optional(),
});

export type RequestType = z.output<typeof requestSchema>['RequestType'];

export interface Request<P> {
  readonly type: RequestType;
  /** Absent on Create. */
  readonly physicalResourceId: string | undefined;
  readonly properties: P;
  /** What the properties were before an Update; unchecked, since an older version of the stack wrote them. */
  readonly oldProperties: Readonly<Record<string, unknown>>;
  /** What the first handler answered as `Data`; empty in the first handler. */
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * @param properties what the resource's own properties must look like.
 * @throws Error that names each wrong property: CloudFormation shows it as the reason of the failure.
 */
export function parseRequest<S extends z.ZodType>(event: unknown, properties: S): Request<z.output<S>> {
  const request = requestSchema.parse(event);
  const result = properties.safeParse(request.ResourceProperties);
  if (!result.success) {
    throw new Error(`wrong properties of a custom resource: ${z.prettifyError(result.error)}`);
  }
  return {
    type: request.RequestType,
    physicalResourceId: request.PhysicalResourceId,
    properties: result.data,
    oldProperties: request.OldResourceProperties ?? {},
    data: request.Data ?? {},
  };
}

/** The answer of a handler that changes something at once, or that begins to. */
export interface Response {
  readonly PhysicalResourceId: string;
  readonly Data?: Readonly<Record<string, string>>;
}

/** The answer of a handler that is asked again until it says yes. */
export interface Completion {
  readonly IsComplete: boolean;
  readonly Data?: Readonly<Record<string, string>>;
}
