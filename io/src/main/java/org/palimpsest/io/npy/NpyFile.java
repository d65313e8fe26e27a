package org.palimpsest.io.npy;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.io.internal.binary.Allocation;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.binary.Shapes;
import org.palimpsest.io.internal.npy.NpyEncoder;

/**
 * A NumPy array in a file of its own, read and written without Python.
 *
 * <pre>{@code
 * INDArray activations = NpyFile.read(Path.of("enc1.npy")); // numpy.save("enc1.npy", activations)
 * NpyFile.write(Path.of("probes.npy"), probes);
 * }</pre>
 *
 * <p>Read are versions 1 to 3, both byte orders, C and Fortran order, and floating numbers (16, 32,
 * 64 bits), signed and unsigned integers (8 to 64 bits) and booleans. Floating numbers of 16 and 32
 * bits become float32, everything else float64 (so that integers beyond 2^53 are rounded). Complex
 * numbers, texts and Python objects are refused; nothing of a file is ever run. Arrays larger than
 * 2 GB are read and written as well.
 */
public final class NpyFile {

  private NpyFile() {}

  /**
   * Reads what the array says of itself and checks that the file is as long as it should be.
   *
   * @throws org.palimpsest.core.PalimpsestException if it is no array that can be used
   */
  public static Header header(Path file) {
    InputFiles.require(file);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return readHeader(in, file);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  /**
   * Reads the whole array into a tensor in C order.
   *
   * @throws org.palimpsest.core.PalimpsestException if it is no array that can be used, or does not
   *     fit into memory
   */
  public static INDArray read(Path file) {
    InputFiles.require(file);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return NpyDecoder.read(readHeader(in, file), in, file.toString());
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  private static Header readHeader(InputStream in, Path file) throws IOException {
    Header header = Header.read(in, file.toString());
    header.requireSize(Files.size(file), file.toString());
    return header;
  }

  /**
   * Writes a tensor in C order: as float32 if it is of a floating type of at most 32 bits, else as
   * float64.
   *
   * @throws org.palimpsest.core.PalimpsestException if it cannot be written; then nothing is left
   */
  public static void write(Path file, INDArray tensor) {
    AtomicFile.write(file, out -> NpyEncoder.write(tensor, out));
  }

  /**
   * What an NPY array says of itself: type, order and extents, from the first bytes of the file. It
   * is checked against the file's length before any memory is allocated, so that a header that
   * promises more than there is costs nothing.
   */
  public static final class Header {

    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int MAX_TEXT = 1 << 16;

    private final NpyType type;
    private final boolean fortranOrder;
    private final List<Long> shape;
    private final long dataOffset;

    private Header(NpyType type, boolean fortranOrder, List<Long> shape, long dataOffset) {
      this.type = type;
      this.fortranOrder = fortranOrder;
      this.shape = List.copyOf(shape);
      this.dataOffset = dataOffset;
    }

    /** NumPy's name for the type of its elements: {@code float32}. */
    public String typeName() {
      return type.element().displayName();
    }

    /**
     * Makes sure that the array fits into this machine's memory twice, as read and as a matrix.
     *
     * @param source what the message calls the array
     * @throws PalimpsestException if it does not
     */
    public void requireRoom(String source) {
      Allocation.requireTwice(source, type.element(), elements());
    }

    NpyType type() {
      return type;
    }

    /** Whether the first index varies fastest. */
    public boolean fortranOrder() {
      return fortranOrder;
    }

    /** Its extents, each at least one; empty for a single number. */
    public List<Long> shape() {
      return shape;
    }

    /** Where its elements begin, in bytes from its start. */
    long dataOffset() {
      return dataOffset;
    }

    /**
     * Reads a header, leaving the stream at the first element.
     *
     * @param in the array from its first byte
     * @param source what to call it in a message
     * @throws PalimpsestException if it is no NPY array, or one that cannot be used
     * @throws IOException if the stream cannot be read, or ends too early
     */
    static Header read(InputStream in, String source) throws IOException {
      byte[] start = readFully(in, MAGIC.length + 2);
      for (int i = 0; i < MAGIC.length; i++) {
        if (start[i] != MAGIC[i]) {
          throw new PalimpsestException(source + " is not a NumPy array: its first bytes differ.");
        }
      }
      int version = start[MAGIC.length];
      if (version < 1 || version > 3 || start[MAGIC.length + 1] != 0) {
        throw new PalimpsestException(
            "%s is written in version %s.%s of the NPY format; 1.0, 2.0 and 3.0 are known."
                .formatted(source, version & 0xff, start[MAGIC.length + 1] & 0xff));
      }
      int width = version == 1 ? Short.BYTES : Integer.BYTES;
      ByteBuffer length = ByteBuffer.wrap(readFully(in, width)).order(ByteOrder.LITTLE_ENDIAN);
      long size = version == 1 ? length.getShort() & 0xffffL : length.getInt() & 0xffffffffL;
      if (size > MAX_TEXT) {
        throw new PalimpsestException(
            "%s has a header of %s bytes; no array of numbers needs more than %s."
                .formatted(source, size, MAX_TEXT));
      }
      String text = new String(readFully(in, (int) size), StandardCharsets.UTF_8);
      return parse(text, source, start.length + width + size);
    }

    private static Header parse(String text, String source, long dataOffset) {
      NpyHeaderParser.Fields fields = new NpyHeaderParser(text, source).parse();
      NpyType type = NpyType.parse(source, fields.description());
      Header header = new Header(type, fields.fortranOrder(), fields.shape(), dataOffset);
      header.requireUsable(source);
      return header;
    }

    private void requireUsable(String source) {
      if (Shapes.elements(shape, source) == 0) {
        throw new PalimpsestException(
            "%s has the shape %s: it holds no number.".formatted(source, shape));
      }
    }

    private static byte[] readFully(InputStream in, int count) throws IOException {
      byte[] bytes = in.readNBytes(count);
      if (bytes.length < count) {
        throw new EOFException("in the header of an array");
      }
      return bytes;
    }

    /** How many elements there are. */
    public long elements() {
      return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /** How many bytes the elements take. */
    public long dataBytes() {
      return elements() * type.element().size();
    }

    long[] extents() {
      return Shapes.array(shape);
    }

    /** Makes sure that the shape and the size of the array are one another's. */
    void requireSize(long totalBytes, String source) {
      long expected = dataOffset + dataBytes();
      if (totalBytes < expected) {
        throw new PalimpsestException(
            String.format(
                Locale.ROOT,
                ("%s is truncated: its header promises %s values of shape %s in %d bytes,"
                    + " but there are %d bytes. Copy or write it again."),
                source,
                typeName(),
                shape,
                expected,
                totalBytes));
      }
      if (totalBytes > expected) {
        throw new PalimpsestException(
            String.format(
                Locale.ROOT,
                ("%s holds %d bytes more than the %s values of shape %s that its header promises:"
                    + " it is damaged, or holds several arrays; save several as .npz."),
                source,
                totalBytes - expected,
                typeName(),
                shape));
      }
    }

    /**
     * Parses the text of an NPY header: a Python dictionary of exactly {@code descr}, {@code
     * fortran_order} and {@code shape}. Nothing is evaluated.
     */
    private static final class NpyHeaderParser {

      record Fields(String description, boolean fortranOrder, List<Long> shape) {}

      private final String text;
      private final String source;
      private int at;
      private @Nullable String description;
      private @Nullable Boolean fortranOrder;
      private @Nullable List<Long> shape;

      NpyHeaderParser(String text, String source) {
        this.text = text;
        this.source = source;
      }

      Fields parse() {
        expect('{');
        while (peek() != '}') {
          field();
          if (peek() == ',') {
            at++;
          } else if (peek() != '}') {
            throw malformed();
          }
        }
        expect('}');
        skipSpace();
        if (at < text.length() || description == null || fortranOrder == null || shape == null) {
          throw malformed();
        }
        return new Fields(description, fortranOrder, shape);
      }

      private void field() {
        String key = string();
        expect(':');
        switch (key) {
          case "descr" -> description = description();
          case "fortran_order" -> fortranOrder = truth();
          case "shape" -> shape = shape();
          default -> throw malformed();
        }
      }

      private String description() {
        char first = peek();
        if (first == '[' || first == '(' || first == '{') {
          throw new PalimpsestException(
              source + " holds records of several fields; save each field as an array of its own.");
        }
        return string();
      }

      private boolean truth() {
        skipSpace();
        for (String word : List.of("True", "False")) {
          if (text.startsWith(word, at)) {
            at += word.length();
            return word.equals("True");
          }
        }
        throw malformed();
      }

      private List<Long> shape() {
        List<Long> extents = new ArrayList<>();
        expect('(');
        while (peek() != ')') {
          extents.add(number());
          if (peek() == ',') {
            at++;
          } else if (peek() != ')' || extents.size() == 1) {
            throw malformed();
          }
        }
        expect(')');
        return extents;
      }

      private long number() {
        skipSpace();
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
          at++;
        }
        String digits = text.substring(start, at);
        if (digits.length() > 1 && digits.charAt(0) == '0') {
          throw malformed(); // no number in Python
        }
        if (at < text.length() && text.charAt(at) == 'L') {
          at++; // written by Python 2
        }
        try {
          return Long.parseLong(digits);
        } catch (NumberFormatException tooLargeOrNone) {
          throw malformed();
        }
      }

      private String string() {
        char quote = peek();
        int end = quote == '\'' || quote == '"' ? text.indexOf(quote, at + 1) : -1;
        if (end < 0) {
          throw malformed();
        }
        String content = text.substring(at + 1, end);
        at = end + 1;
        return content;
      }

      private void expect(char wanted) {
        if (peek() != wanted) {
          throw malformed();
        }
        at++;
      }

      private char peek() {
        skipSpace();
        if (at >= text.length()) {
          throw malformed();
        }
        return text.charAt(at);
      }

      private void skipSpace() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
          at++;
        }
      }

      private PalimpsestException malformed() {
        return new PalimpsestException(
            "%s has a header that is damaged at character %s of %s. Write it again with NumPy."
                .formatted(source, at, text.length()));
      }
    }

    /**
     * The type of an array's elements.
     *
     * @param element what they are
     * @param order which of their bytes comes first
     */
    record NpyType(ElementType element, ByteOrder order) {

      private static final Pattern DESCRIPTION =
          Pattern.compile("([<>|=])?([a-zA-Z?])(\\d{0,9})(.*)");

      private static final Pattern NAMED =
          Pattern.compile("[<>=|]?([a-z_]{2,}(16|32|64|8)?|[efdgbBhHiIlLqQpP])");

      static NpyType parse(String source, String description) {
        Matcher parts = DESCRIPTION.matcher(description);
        if (!parts.matches()) {
          throw unusable(source, description, "no known type");
        }
        boolean big = ">".equals(parts.group(1));
        ByteOrder order = big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        return element(parts.group(2) + parts.group(3) + parts.group(4))
            .map(element -> new NpyType(element, order))
            .orElseThrow(
                () ->
                    unusable(
                        source,
                        description,
                        NAMED.matcher(description).matches()
                            ? "a type in words, as numpy.save never writes it"
                            : meaning(parts.group(2).charAt(0))));
      }

      private static Optional<ElementType> element(String description) {
        return Optional.ofNullable(
            switch (description) {
              case "f2" -> ElementType.FLOAT16;
              case "f4" -> ElementType.FLOAT32;
              case "f8" -> ElementType.FLOAT64;
              case "i1" -> ElementType.INT8;
              case "i2" -> ElementType.INT16;
              case "i4" -> ElementType.INT32;
              case "i8" -> ElementType.INT64;
              case "u1" -> ElementType.UINT8;
              case "u2" -> ElementType.UINT16;
              case "u4" -> ElementType.UINT32;
              case "u8" -> ElementType.UINT64;
              case "b1", "?" -> ElementType.BOOL;
              default -> null;
            });
      }

      private static String meaning(char kind) {
        return switch (kind) {
          case 'O' -> "Python objects (a pickle), which are never read";
          case 'c' -> "complex numbers";
          case 'U', 'S', 'a' -> "text";
          case 'V' -> "raw bytes or a type that NumPy does not know, such as bfloat16";
          case 'M', 'm' -> "dates or times";
          case 'f' -> "floating numbers of an unusual width";
          default -> "no known type";
        };
      }

      private static PalimpsestException unusable(
          String source, String description, String meaning) {
        return new PalimpsestException(
            "%s holds elements of type '%s': %s. Save it as float32, float64, integers or booleans."
                .formatted(source, description, meaning));
      }
    }
  }
}
