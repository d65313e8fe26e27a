package org.palimpsest.io.internal.nifti;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.binary.Shapes;

/**
 * What a NIfTI file says of itself (NIfTI-1: Cox et al. 2004; NIfTI-2: 2011).
 *
 * @param version 1 or 2
 * @param order its byte order
 * @param type the type of its voxels
 * @param extents its extents, the fastest-varying (x) first
 * @param dataOffset where its voxels begin, in bytes
 * @param scaling of its voxels as the standard has it: none if the slope is 0 or not finite
 * @param scalingOfItk as ITK has it, which takes 1 for a slope near 0 or not finite and adds the
 *     intercept nevertheless
 * @param placement where its voxels lie
 */
record NiftiHeader(
    int version,
    ByteOrder order,
    ElementType type,
    List<Long> extents,
    long dataOffset,
    Scaling scaling,
    Scaling scalingOfItk,
    NiftiPlacement placement) {

  /** What a voxel is multiplied with, and what is added then. */
  record Scaling(double slope, double intercept) {

    private static final double ITKS_LEAST_SLOPE = 0x1p-52;

    static Scaling of(double slope, double intercept) {
      return Double.isFinite(slope) && slope != 0
          ? new Scaling(slope, intercept)
          : new Scaling(1, 0);
    }

    static Scaling ofItk(double slope, double intercept) {
      boolean counts = Double.isFinite(slope) && Math.abs(slope) >= ITKS_LEAST_SLOPE;
      return new Scaling(counts ? slope : 1, Double.isFinite(intercept) ? intercept : 0);
    }

    boolean isNone() {
      return slope == 1 && intercept == 0;
    }
  }

  static final int LONGEST = 540;
  private static final int FIRST = 348;

  /** After the header stand four bytes that tell whether it is extended. */
  private static final int FIRST_VOXELS = 352;

  private static final int SECOND_VOXELS = 544;
  private static final byte[] LINE_ENDS = {'\r', '\n', 0x1a, '\n'};
  private static final int MOST_AXES = 7;
  private static final long MOST_OFFSET = 1L << 24;

  private static final Map<Integer, ElementType> TYPES =
      Map.of(
          2, ElementType.UINT8,
          4, ElementType.INT16,
          8, ElementType.INT32,
          16, ElementType.FLOAT32,
          64, ElementType.FLOAT64,
          256, ElementType.INT8,
          512, ElementType.UINT16,
          768, ElementType.UINT32,
          1024, ElementType.INT64,
          1280, ElementType.UINT64);

  /** Reads a header from the first bytes of a file, up to {@link #LONGEST} of them. */
  static NiftiHeader parse(byte[] start, String source) {
    ByteBuffer bytes = ByteBuffer.wrap(start);
    int size = start.length < FIRST ? 0 : bytes.getInt(0);
    if (size != FIRST && size != LONGEST) {
      bytes.order(ByteOrder.LITTLE_ENDIAN);
      size = start.length < FIRST ? 0 : bytes.getInt(0);
    }
    if (size == FIRST && magic(start, 344).equals("n+1\0")) {
      return first(bytes, source);
    }
    if (size == LONGEST && start.length >= LONGEST && magic(start, 4).equals("n+2\0")) {
      requireLineEnds(start, source);
      return second(bytes, source);
    }
    if (size == FIRST && magic(start, 344).startsWith("ni1")) {
      throw new PalimpsestException(
          source + " is a NIfTI header whose voxels are in another file; save it as one .nii.");
    }
    throw new PalimpsestException(source + " is no whole NIfTI file.");
  }

  /** Bytes that a copy changes which takes a volume for a text. */
  private static void requireLineEnds(byte[] start, String source) {
    byte[] found = Arrays.copyOfRange(start, 8, 12);
    if (!Arrays.equals(found, LINE_ENDS) && !Arrays.equals(found, new byte[LINE_ENDS.length])) {
      throw new PalimpsestException(
          "%s has the bytes %s after its signature, where %s stand: it was damaged by a copy as text. Copy it anew."
              .formatted(source, Arrays.toString(found), Arrays.toString(LINE_ENDS)));
    }
  }

  private static String magic(byte[] start, int at) {
    return new String(start, at, 4, StandardCharsets.ISO_8859_1);
  }

  private static NiftiHeader first(ByteBuffer bytes, String source) {
    List<Long> extents = new ArrayList<>();
    for (int axis = 1; axis <= axes(bytes.getShort(40), source); axis++) {
      extents.add((long) bytes.getShort(40 + 2 * axis));
    }
    return checked(
        bytes.order(),
        bytes.getShort(70),
        extents,
        bytes.getFloat(108),
        FIRST_VOXELS,
        bytes.getFloat(112),
        bytes.getFloat(116),
        NiftiPlacement.first(bytes),
        source);
  }

  private static NiftiHeader second(ByteBuffer bytes, String source) {
    List<Long> extents = new ArrayList<>();
    for (int axis = 1; axis <= axes(bytes.getLong(16), source); axis++) {
      extents.add(bytes.getLong(16 + 8 * axis));
    }
    return checked(
        bytes.order(),
        bytes.getShort(12),
        extents,
        bytes.getLong(168),
        SECOND_VOXELS,
        bytes.getDouble(176),
        bytes.getDouble(184),
        NiftiPlacement.second(bytes),
        source);
  }

  private static int axes(long claimed, String source) {
    if (claimed < 1 || claimed > MOST_AXES) {
      throw new PalimpsestException(
          "%s claims %d axes; 1 to 7 are possible: it is damaged.".formatted(source, claimed));
    }
    return (int) claimed;
  }

  private static NiftiHeader checked(
      ByteOrder order,
      int code,
      List<Long> extents,
      double offset,
      int leastOffset,
      double slope,
      double intercept,
      NiftiPlacement placement,
      String source) {
    ElementType type = TYPES.get(code);
    if (type == null) {
      throw new PalimpsestException(
          "%s holds voxels of NIfTI type %d, such as colours or complex numbers, which are not read."
              .formatted(source, code));
    }
    if (Shapes.elements(extents, source) == 0) {
      throw new PalimpsestException(
          "%s has the extents %s: it holds no voxel.".formatted(source, extents));
    }
    boolean sensible =
        offset >= leastOffset && offset <= MOST_OFFSET && offset == Math.rint(offset);
    if (!sensible) {
      throw new PalimpsestException(
          "%s claims that its voxels begin at byte %s, where one file of header and voxels has them at byte %d or a later one. Mend vox_offset in its header, or save the volume again."
              .formatted(source, offset, leastOffset));
    }
    Scaling scaling = Scaling.of(slope, intercept);
    if (!Double.isFinite(scaling.intercept())) {
      throw new PalimpsestException(
          "%s scales its voxels by %s and then adds %s, so that none of them is a number. Mend scl_inter in its header."
              .formatted(source, slope, intercept));
    }
    return new NiftiHeader(
        leastOffset == SECOND_VOXELS ? 2 : 1,
        order,
        type,
        List.copyOf(extents),
        (long) offset,
        scaling,
        Scaling.ofItk(slope, intercept),
        placement);
  }

  long voxels() {
    return extents.stream().reduce(1L, Math::multiplyExact);
  }
}
