package igrid.druid.avro;

import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** Where the schema of a message comes from. There is one way here: it is in the supervisor spec. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
public interface AvroBytesDecoder {
  FlatSchema schema();
}
