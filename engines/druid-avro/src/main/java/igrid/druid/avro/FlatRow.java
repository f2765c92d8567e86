package igrid.druid.avro;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.druid.data.input.InputRow;
import org.apache.druid.data.input.Row;
import org.apache.druid.data.input.Rows;
import org.apache.druid.java.util.common.DateTimes;
import org.joda.time.DateTime;

/** A row that reads its columns from a record's array of values: no map is built for each message. */
final class FlatRow implements InputRow {
  private final FlatSchema schema;
  private final Object[] values;
  private final List<String> dimensions;
  private final long timestamp;

  FlatRow(FlatSchema schema, Object[] values, List<String> dimensions, long timestamp) {
    this.schema = schema;
    this.values = values;
    this.dimensions = dimensions;
    this.timestamp = timestamp;
  }

  @Override
  public List<String> getDimensions() {
    return dimensions;
  }

  @Override
  public long getTimestampFromEpoch() {
    return timestamp;
  }

  @Override
  public DateTime getTimestamp() {
    return DateTimes.utc(timestamp);
  }

  @Override
  public List<String> getDimension(String name) {
    return Rows.objectToStrings(getRaw(name));
  }

  @Override
  public Object getRaw(String name) {
    Integer position = schema.positions().get(name);
    return position == null ? null : values[position];
  }

  @Override
  public Number getMetric(String name) {
    return Rows.objectToNumber(name, getRaw(name), true);
  }

  @Override
  public int compareTo(Row other) {
    return Long.compare(timestamp, other.getTimestampFromEpoch());
  }

  @Override
  public String toString() {
    return "FlatRow" + toMap(schema, values);
  }

  /** A record as Druid's samplers and error reports want to see it. */
  static Map<String, Object> toMap(FlatSchema schema, Object[] values) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < values.length; i++) {
      map.put(schema.fields()[i].name(), values[i]);
    }
    return map;
  }
}
