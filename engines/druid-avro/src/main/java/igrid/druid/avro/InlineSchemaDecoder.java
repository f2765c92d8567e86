package igrid.druid.avro;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.Map;
import java.util.Objects;

/** {@code schema_inline}: the writer's schema as a JSON object within the spec. */
@JsonTypeName("schema_inline")
public final class InlineSchemaDecoder implements AvroBytesDecoder {
  private final Map<String, Object> json;
  private final FlatSchema schema;

  /** @throws IllegalArgumentException when the schema is not a flat record's. */
  @JsonCreator
  public InlineSchemaDecoder(@JsonProperty("schema") Map<String, Object> schema) {
    this.json = schema;
    this.schema = FlatSchema.parse(schema);
  }

  @JsonProperty("schema")
  public Map<String, Object> json() {
    return json;
  }

  @Override
  public FlatSchema schema() {
    return schema;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof InlineSchemaDecoder that && json.equals(that.json);
  }

  @Override
  public int hashCode() {
    return Objects.hash(json);
  }
}
