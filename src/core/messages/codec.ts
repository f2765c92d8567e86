/**
 * Headerless Avro for one message type: what its `.avsc` file says is what goes over the wire, and nothing else, since
 * Spark and Druid read the very same file. The bytes carry no schema id, so a topic has exactly one writer schema.
 */
import { readFileSync } from 'node:fs';

import avsc from 'avsc';
import { z } from 'zod';

/** Bytes that are no message of this type. */
export class MessageFormatError extends Error {
  override readonly name = 'MessageFormatError';
}

/** Turns messages of one type into bytes and back. */
export interface MessageCodec<Message> {
  /** The type's name, which is also its topic's. */
  readonly name: string;
  /** The text of the Avro schema's file. */
  readonly schema: string;
  /**
   * @returns the headerless Avro bytes.
   * @throws Error when a value is not of its field's Avro type (a fractional long, a string that is none).
   */
  encode(message: Message): Buffer;
  /** @throws MessageFormatError when the bytes are not exactly one message. */
  decode(bytes: Buffer): Message;
}

/**
 * The codec of the schema file `<name>.avsc` beside this module.
 *
 * @param shape the message's TypeScript side; its keys are the schema's fields.
 */
export function messageCodec<Shape extends z.ZodRawShape>(
  name: string,
  shape: z.ZodObject<Shape>,
): MessageCodec<z.infer<z.ZodObject<Shape>>> {
  const schema = readFileSync(new URL(`./${name}.avsc`, import.meta.url), 'utf8');
  const type = avsc.Type.forSchema(z.json().parse(JSON.parse(schema)) as avsc.Schema);
  return {
    name,
    schema,
    encode: (message) => type.toBuffer(message),
    decode: (bytes) => {
      let decoded: unknown;
      try {
        decoded = type.fromBuffer(bytes);
      } catch (error) {
        throw new MessageFormatError(`no ${name} message: ${error instanceof Error ? error.message : String(error)}`);
      }
      const checked = shape.safeParse(decoded);
      if (!checked.success) {
        throw new MessageFormatError(`no ${name} message: ${z.prettifyError(checked.error)}`);
      }
      return checked.data;
    },
  };
}
