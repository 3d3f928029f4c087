package dev.preceptor.spark;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.table.Table;
import dev.preceptor.table.TableCell;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

/**
 * {@code summary.parquet}: the table of {@code summary.csv} with typed columns, words as strings and numbers as doubles. A cell without
 * words or number is null. It is written by the driver with the Parquet library of Spark, as one file: a job of Spark would write
 * a folder of parts. Stateless.
 */
final class SummaryParquet {
    static final String NAME = "summary.parquet";

    /** Tells the file from others of this name. */
    private static final Map<String, String> MARK = Map.of("preceptor.format", "preceptor/predictions-summary/1");

    private SummaryParquet() {}

    /**
     * Refuses a folder with a file of this name that Preceptor did not write.
     *
     * @throws InvalidFileException naming it
     */
    static void requireOwn(Path folder) {
        Path file = folder.resolve(NAME);
        if (Files.exists(file) && !isOwn(file)) {
            throw new InvalidFileException(
                    file,
                    "is not a summary of predictions and would be overwritten by one; move it or name another folder with"
                            + " --out");
        }
    }

    private static boolean isOwn(Path file) {
        try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(file))) {
            return reader.getFooter()
                    .getFileMetaData()
                    .getKeyValueMetaData()
                    .entrySet()
                    .containsAll(MARK.entrySet());
        } catch (IOException | RuntimeException e) {
            // No Parquet file, or a damaged one.
            return false;
        }
    }

    /**
     * Writes the file, whole or not at all.
     *
     * @param table columns of words and of numbers
     * @throws dev.preceptor.base.PreceptorException if it cannot be written
     */
    static void write(Table table, Path folder) {
        MessageType schema = schema(table.columns());
        AtomicFiles.write(folder.resolve(NAME), out -> {
            try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new StreamFile(out))
                    .withType(schema)
                    // The codec of the JDK; others bring libraries of the machine.
                    .withCompressionCodec(CompressionCodecName.GZIP)
                    .withExtraMetaData(MARK)
                    .build()) {
                SimpleGroupFactory rows = new SimpleGroupFactory(schema);
                for (List<TableCell> row : table.rows()) {
                    writer.write(group(rows.newGroup(), table.columns(), row));
                }
            }
        });
    }

    private static MessageType schema(List<Table.Column> columns) {
        Types.MessageTypeBuilder builder = Types.buildMessage();
        for (Table.Column column : columns) {
            builder.addField(
                    column.isNumeric()
                            ? Types.optional(PrimitiveTypeName.DOUBLE).named(column.heading())
                            : Types.optional(PrimitiveTypeName.BINARY)
                                    .as(LogicalTypeAnnotation.stringType())
                                    .named(column.heading()));
        }
        return builder.named("summary");
    }

    private static Group group(Group group, List<Table.Column> columns, List<TableCell> row) {
        for (int i = 0; i < columns.size(); i++) {
            TableCell cell = row.get(i);
            if (columns.get(i).isNumeric()) {
                if (!Double.isNaN(cell.order())) {
                    group.append(columns.get(i).heading(), cell.order());
                }
            } else if (!cell.value().isEmpty()) {
                group.append(columns.get(i).heading(), cell.value());
            }
        }
        return group;
    }

    /** A stream as the file that a writer of Parquet wants. */
    private record StreamFile(OutputStream out) implements OutputFile {
        @Override
        public PositionOutputStream create(long blockSizeHint) {
            return new CountingStream(out);
        }

        @Override
        public PositionOutputStream createOrOverwrite(long blockSizeHint) {
            return create(blockSizeHint);
        }

        @Override
        public boolean supportsBlockSize() {
            return false;
        }

        @Override
        public long defaultBlockSize() {
            return 0;
        }
    }

    private static final class CountingStream extends PositionOutputStream {
        private final OutputStream out;
        private long position;

        CountingStream(OutputStream out) {
            this.out = out;
        }

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void write(int value) throws IOException {
            out.write(value);
            position++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            position += length;
        }

        /** Who opened the stream closes it. */
        @Override
        public void close() throws IOException {
            out.flush();
        }
    }
}
