package igrid.druid.avro;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.ServiceLoader;
import org.apache.druid.data.input.ColumnsFilter;
import org.apache.druid.data.input.InputEntityReader;
import org.apache.druid.data.input.InputFormat;
import org.apache.druid.data.input.InputRow;
import org.apache.druid.data.input.InputRowListPlusRawValues;
import org.apache.druid.data.input.InputRowSchema;
import org.apache.druid.data.input.impl.ByteEntity;
import org.apache.druid.data.input.impl.DimensionsSpec;
import org.apache.druid.data.input.impl.TimestampSpec;
import org.apache.druid.indexing.seekablestream.SettableByteEntity;
import org.apache.druid.initialization.DruidModule;
import org.apache.druid.jackson.DefaultObjectMapper;
import org.apache.druid.java.util.common.parsers.CloseableIterator;
import org.apache.druid.java.util.common.parsers.ParseException;
import org.junit.jupiter.api.Test;

/** As Druid uses it: found as a service, made from a spec's JSON, fed with one settable entity. */
class AvroStreamInputFormatTest {
  private static final String SPEC =
      """
      {"type": "avro_stream", "binaryAsString": false,
       "avroBytesDecoder": {"type": "schema_inline", "schema": %s}}""";

  private final ObjectMapper json = mapper();
  private final SettableByteEntity<ByteEntity> message = new SettableByteEntity<>();

  @Test
  void survivesTheWayFromASupervisorToItsTasks() throws Exception {
    InputFormat format = json.readValue(SPEC.formatted(Samples.READING), InputFormat.class);
    assertInstanceOf(AvroStreamInputFormat.class, format);
    assertEquals(format, json.readValue(json.writeValueAsBytes(format), InputFormat.class));
  }

  @Test
  void givesARowForEachMessageThatIsPutIntoTheEntity() throws Exception {
    InputEntityReader reader = reader();
    InputRow first = only(reader, new byte[] {0x04, '1', '2', (byte) 0xD0, 0x0F, 0, 0, (byte) 0xC0, 0x3F});
    InputRow second = only(reader, new byte[] {0x02, '7', 0x01, 0, 0, (byte) 0x80, (byte) 0xBF});
    assertEquals(1000, first.getTimestampFromEpoch());
    assertEquals(1000, first.getTimestamp().getMillis());
    assertEquals(List.of("12"), first.getDimension("appliance_id"));
    assertEquals(1.5f, first.getRaw("power"));
    assertEquals(1.5f, first.getMetric("power"));
    assertEquals(List.of("appliance_id"), first.getDimensions());
    assertNull(first.getRaw("absent"));
    assertEquals(-1, second.getTimestampFromEpoch());
    assertEquals("7", second.getRaw("appliance_id"));
    assertEquals(-1f, second.getRaw("power"));
    assertTrue(second.compareTo(first) < 0);
  }

  @Test
  void garbageIsAParseExceptionAndTheNextMessageIsRead() throws Exception {
    InputEntityReader reader = reader();
    for (byte[] garbage : List.of(new byte[0], new byte[] {0x04, '1'}, "not avro at all".getBytes())) {
      message.setEntity(new ByteEntity(garbage));
      ParseException error = assertThrows(ParseException.class, reader::read);
      assertTrue(error.getMessage().startsWith("Malformed Avro record: "), error.getMessage());
    }
    assertEquals(1000, only(reader, new byte[] {0, (byte) 0xD0, 0x0F, 0, 0, 0, 0}).getTimestampFromEpoch());
  }

  @Test
  void aTimestampOutsideOfAllTimeIsAParseException() throws Exception {
    // Long.MAX_VALUE, zig-zag encoded.
    byte[] bytes = {0, -2, -1, -1, -1, -1, -1, -1, -1, -1, 1, 0, 0, 0, 0};
    message.setEntity(new ByteEntity(bytes));
    assertThrows(ParseException.class, reader()::read);
  }

  @Test
  void samplesShowTheRecordOrTheReason() throws Exception {
    InputEntityReader reader = reader();
    message.setEntity(new ByteEntity(new byte[] {0x02, '7', 0x02, 0, 0, 0, 0}));
    try (CloseableIterator<InputRowListPlusRawValues> samples = reader.sample()) {
      InputRowListPlusRawValues sample = samples.next();
      assertEquals("7", sample.getRawValues().get("appliance_id"));
      assertNull(sample.getParseException());
    }
    message.setEntity(new ByteEntity(new byte[] {0x02}));
    try (CloseableIterator<InputRowListPlusRawValues> samples = reader.sample()) {
      assertInstanceOf(ParseException.class, samples.next().getParseException());
    }
  }

  @Test
  void refusesSchemasThatAreNotFlat() {
    for (String type :
        List.of(
            "{\"type\": \"array\", \"items\": \"long\"}",
            "[\"long\", \"string\"]",
            "{\"type\": \"record\", \"name\": \"inner\", \"fields\": []}",
            "\"unheard_of\"")) {
      String schema = "{\"type\": \"record\", \"name\": \"r\", \"fields\": [{\"name\": \"f\", \"type\": " + type + "}]}";
      Exception error = assertThrows(Exception.class, () -> json.readValue(SPEC.formatted(schema), InputFormat.class));
      assertTrue(error.getMessage().contains("field f: "), error.getMessage());
    }
  }

  private InputEntityReader reader() throws Exception {
    InputRowSchema rows =
        new InputRowSchema(
            new TimestampSpec("timestamp", "millis", null),
            new DimensionsSpec(DimensionsSpec.getDefaultSchemas(List.of("appliance_id"))),
            ColumnsFilter.all());
    return json.readValue(SPEC.formatted(Samples.READING), InputFormat.class).createReader(rows, message, null);
  }

  private InputRow only(InputEntityReader reader, byte[] bytes) throws Exception {
    message.setEntity(new ByteEntity(bytes));
    try (CloseableIterator<InputRow> rows = reader.read()) {
      InputRow row = rows.next();
      assertTrue(!rows.hasNext());
      return row;
    }
  }

  private static ObjectMapper mapper() {
    ObjectMapper mapper = new DefaultObjectMapper();
    for (DruidModule module : ServiceLoader.load(DruidModule.class)) {
      if (module instanceof FlatAvroModule) {
        module.getJacksonModules().forEach(mapper::registerModule);
      }
    }
    return mapper;
  }
}
