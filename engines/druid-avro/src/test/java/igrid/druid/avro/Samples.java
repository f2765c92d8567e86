package igrid.druid.avro;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;

/** Schemas for the tests. */
final class Samples {
  static final String EVERY_TYPE =
      """
      {"type": "record", "name": "every_type", "fields": [
        {"name": "a_boolean", "type": "boolean"},
        {"name": "an_int", "type": "int"},
        {"name": "a_long", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "a_float", "type": "float"},
        {"name": "a_double", "type": "double"},
        {"name": "a_string", "type": "string"},
        {"name": "some_bytes", "type": "bytes"},
        {"name": "an_enum", "type": {"type": "enum", "name": "letter", "symbols": ["A", "B"]}},
        {"name": "maybe_first", "type": ["null", "long"]},
        {"name": "maybe_last", "type": ["string", "null"]}
      ]}""";

  static final String ONE_STRING =
      """
      {"type": "record", "name": "one_string", "fields": [{"name": "text", "type": "string"}]}""";

  static final String READING =
      """
      {"type": "record", "name": "reading", "fields": [
        {"name": "appliance_id", "type": "string"},
        {"name": "timestamp", "type": "long"},
        {"name": "power", "type": "float"}
      ]}""";

  static FlatSchema schema(String json) {
    try {
      return FlatSchema.parse(new ObjectMapper().readValue(json, new TypeReference<Map<String, Object>>() {}));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private Samples() {}
}
