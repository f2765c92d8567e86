package igrid.druid.avro;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The fields of a flat Avro record: primitive types, enums, and unions of one of these with null. */
public final class FlatSchema {
  enum Type { NULL, BOOLEAN, INT, LONG, FLOAT, DOUBLE, STRING, BYTES, ENUM }

  private static final String[] NO_SYMBOLS = {};

  /**
   * @param nullBranch the index of null in the field's union; -1 for a field that is no union.
   * @param symbols an enum's, in order.
   */
  record Field(String name, Type type, int nullBranch, String[] symbols) {}

  private final Field[] fields;
  private final Map<String, Integer> positions;

  private FlatSchema(List<Field> fields) {
    this.fields = fields.toArray(Field[]::new);
    this.positions = new HashMap<>();
    for (Field field : fields) {
      if (positions.put(field.name(), positions.size()) != null) {
        throw new IllegalArgumentException("two fields are named " + field.name());
      }
    }
  }

  Field[] fields() {
    return fields;
  }

  /** A field's place in a decoded record, by its name. */
  Map<String, Integer> positions() {
    return positions;
  }

  /** @throws IllegalArgumentException naming what is not a flat record's. */
  static FlatSchema parse(Map<String, Object> json) {
    if (json == null || !"record".equals(json.get("type")) || !(json.get("fields") instanceof List<?> list)) {
      throw new IllegalArgumentException("the schema must be a record with fields");
    }
    List<Field> fields = new ArrayList<>();
    for (Object item : list) {
      if (!(item instanceof Map<?, ?> field) || !(field.get("name") instanceof String name)) {
        throw new IllegalArgumentException("a field without a name");
      }
      fields.add(parseField(name, field.get("type")));
    }
    return new FlatSchema(fields);
  }

  private static Field parseField(String name, Object type) {
    if (type instanceof List<?> union) {
      int nullBranch = union.indexOf("null");
      if (union.size() != 2 || nullBranch < 0) {
        throw new IllegalArgumentException("field " + name + ": a union must be of null and one other type");
      }
      Object other = union.get(1 - nullBranch);
      return new Field(name, typeOf(name, other), nullBranch, symbolsOf(name, other));
    }
    return new Field(name, typeOf(name, type), -1, symbolsOf(name, type));
  }

  private static Type typeOf(String name, Object type) {
    // Logical types are read as the type below them, as a long of milliseconds is a Druid timestamp already.
    Object plain = type instanceof Map<?, ?> map ? map.get("type") : type;
    return switch (String.valueOf(plain)) {
      case "null" -> Type.NULL;
      case "boolean" -> Type.BOOLEAN;
      case "int" -> Type.INT;
      case "long" -> Type.LONG;
      case "float" -> Type.FLOAT;
      case "double" -> Type.DOUBLE;
      case "string" -> Type.STRING;
      case "bytes" -> Type.BYTES;
      case "enum" -> Type.ENUM;
      default -> throw new IllegalArgumentException("field " + name + ": a flat record has no " + plain);
    };
  }

  private static String[] symbolsOf(String name, Object type) {
    if (!(type instanceof Map<?, ?> map) || !"enum".equals(map.get("type"))) {
      return NO_SYMBOLS;
    }
    if (!(map.get("symbols") instanceof List<?> symbols)) {
      throw new IllegalArgumentException("field " + name + ": an enum without symbols");
    }
    return symbols.stream().map(String::valueOf).toArray(String[]::new);
  }
}
