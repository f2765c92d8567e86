package igrid.druid.avro;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.druid.data.input.InputEntity;
import org.apache.druid.data.input.InputEntityReader;
import org.apache.druid.data.input.InputRow;
import org.apache.druid.data.input.InputRowListPlusRawValues;
import org.apache.druid.data.input.InputRowSchema;
import org.apache.druid.data.input.impl.ByteEntity;
import org.apache.druid.data.input.impl.MapInputRowParser;
import org.apache.druid.data.input.impl.TimestampSpec;
import org.apache.druid.indexing.seekablestream.SettableByteEntity;
import org.apache.druid.java.util.common.CloseableIterators;
import org.apache.druid.java.util.common.parsers.CloseableIterator;
import org.apache.druid.java.util.common.parsers.ParseException;

/**
 * Reads the one record that a message holds. A streaming task makes one reader and puts message after message into the
 * same entity, so what is worked out here is worked out once a task.
 */
final class FlatRecordReader implements InputEntityReader {
  private final FlatRecordDecoder decoder;
  private final InputEntity source;
  private final TimestampSpec timestampSpec;
  private final Integer timestampPosition;
  private final List<String> dimensions;

  FlatRecordReader(FlatRecordDecoder decoder, InputRowSchema rows, InputEntity source) {
    this.decoder = decoder;
    this.source = source;
    this.timestampSpec = rows.getTimestampSpec();
    Map<String, Integer> positions = decoder.schema().positions();
    this.timestampPosition = positions.get(timestampSpec.getTimestampColumn());
    this.dimensions =
        MapInputRowParser.findDimensions(timestampSpec, rows.getDimensionsSpec(), positions.keySet());
  }

  @Override
  public CloseableIterator<InputRow> read() throws IOException {
    return CloseableIterators.withEmptyBaggage(Collections.singleton(toRow(decode())).iterator());
  }

  /** What the data loader of a console shows: the row, or the reason why there is none. */
  @Override
  public CloseableIterator<InputRowListPlusRawValues> sample() throws IOException {
    InputRowListPlusRawValues sample;
    try {
      Object[] values = decode();
      Map<String, Object> raw = FlatRow.toMap(decoder.schema(), values);
      try {
        sample = InputRowListPlusRawValues.of(toRow(values), raw);
      } catch (ParseException e) {
        sample = InputRowListPlusRawValues.of(raw, e);
      }
    } catch (ParseException e) {
      sample = InputRowListPlusRawValues.of(null, e);
    }
    Iterator<InputRowListPlusRawValues> one = Collections.singleton(sample).iterator();
    return CloseableIterators.withEmptyBaggage(one);
  }

  /** @throws ParseException which Druid counts as one unparseable message, and continues. */
  private Object[] decode() throws IOException {
    ByteBuffer message = message();
    int from = message.arrayOffset() + message.position();
    try {
      return decoder.decode(message.array(), from, from + message.remaining());
    } catch (MalformedRecord e) {
      throw new ParseException(null, "Malformed Avro record: %s", e.getMessage());
    }
  }

  private ByteBuffer message() throws IOException {
    InputEntity entity = source instanceof SettableByteEntity<?> settable ? settable.getEntity() : source;
    if (entity instanceof ByteEntity bytes && bytes.getBuffer().hasArray()) {
      return bytes.getBuffer();
    }
    try (InputStream stream = entity.open()) {
      return ByteBuffer.wrap(stream.readAllBytes());
    }
  }

  private InputRow toRow(Object[] values) {
    Object raw = timestampPosition == null ? null : values[timestampPosition];
    long timestamp =
        MapInputRowParser.parseTimestampOrThrowParseException(
                raw, timestampSpec, () -> FlatRow.toMap(decoder.schema(), values))
            .getMillis();
    return new FlatRow(decoder.schema(), values, dimensions, timestamp);
  }
}
