package igrid.druid.avro;

import igrid.druid.avro.FlatSchema.Field;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Turns the bytes of a message into the values of its fields. Not for use by two threads at once. */
final class FlatRecordDecoder {
  private final FlatSchema schema;
  private final boolean binaryAsString;
  private final BinaryCursor cursor = new BinaryCursor();
  private final StringCache strings = new StringCache();

  FlatRecordDecoder(FlatSchema schema, boolean binaryAsString) {
    this.schema = schema;
    this.binaryAsString = binaryAsString;
  }

  FlatSchema schema() {
    return schema;
  }

  /**
   * The fields' values in the schema's order.
   *
   * @throws MalformedRecord when the bytes end early, go on after the record, or hold what the schema does not allow.
   */
  Object[] decode(byte[] bytes, int from, int to) throws MalformedRecord {
    cursor.reset(bytes, from, to);
    Field[] fields = schema.fields();
    Object[] values = new Object[fields.length];
    for (int i = 0; i < fields.length; i++) {
      values[i] = read(fields[i]);
    }
    if (cursor.remaining() != 0) {
      throw new MalformedRecord(cursor.remaining() + " bytes after the record");
    }
    return values;
  }

  private Object read(Field field) throws MalformedRecord {
    if (field.nullBranch() >= 0) {
      int branch = cursor.readInt();
      if (branch != 0 && branch != 1) {
        throw new MalformedRecord("a union's branch " + branch);
      }
      if (branch == field.nullBranch()) {
        return null;
      }
    }
    return switch (field.type()) {
      case NULL -> null;
      case BOOLEAN -> cursor.readBoolean();
      case INT -> cursor.readInt();
      case LONG -> cursor.readLong();
      case FLOAT -> cursor.readFloat();
      case DOUBLE -> cursor.readDouble();
      case STRING -> readString();
      case BYTES -> readBytes();
      case ENUM -> readSymbol(field);
    };
  }

  private String readString() throws MalformedRecord {
    int length = cursor.readLength();
    return strings.get(cursor.array(), cursor.skip(length), length);
  }

  private Object readBytes() throws MalformedRecord {
    int length = cursor.readLength();
    int from = cursor.skip(length);
    return binaryAsString
        ? new String(cursor.array(), from, length, StandardCharsets.UTF_8)
        : Arrays.copyOfRange(cursor.array(), from, from + length);
  }

  private String readSymbol(Field field) throws MalformedRecord {
    int index = cursor.readInt();
    if (index < 0 || index >= field.symbols().length) {
      throw new MalformedRecord("an enum's symbol " + index);
    }
    return field.symbols()[index];
  }
}
