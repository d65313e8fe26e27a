package org.palimpsest.io.internal.nifti;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
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
 *     intercept nevertheless, but scales nothing by slopes near 1 with intercepts near 0
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

    /** What is nearer to nothing counts as nothing: NiftiImageIO::MustRescale. */
    private static final double ITKS_LEAST = 0x1p-52;

    static Scaling of(double slope, double intercept) {
      return Double.isFinite(slope) && slope != 0
          ? new Scaling(slope, intercept)
          : new Scaling(1, 0);
    }

    static Scaling ofItk(double slope, double intercept) {
      double factor = Double.isFinite(slope) && Math.abs(slope) >= ITKS_LEAST ? slope : 1;
      double added = Double.isFinite(intercept) ? intercept : 0;
      boolean changes = Math.abs(factor - 1) > ITKS_LEAST || Math.abs(added) > ITKS_LEAST;
      return changes ? new Scaling(factor, added) : new Scaling(1, 0);
    }

    boolean isNone() {
      return slope == 1 && intercept == 0;
    }
  }

  /** Numbers of the file, before anything is known of them. */
  private record Fields(
      ByteOrder order,
      int type,
      List<Long> extents,
      double voxelsAt,
      double slope,
      double intercept) {}

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
    Fields fields =
        new Fields(
            bytes.order(),
            bytes.getShort(70),
            extents,
            bytes.getFloat(108),
            bytes.getFloat(112),
            bytes.getFloat(116));
    return checked(1, fields, NiftiPlacement.first(bytes), source);
  }

  private static NiftiHeader second(ByteBuffer bytes, String source) {
    List<Long> extents = new ArrayList<>();
    for (int axis = 1; axis <= axes(bytes.getLong(16), source); axis++) {
      extents.add(bytes.getLong(16 + 8 * axis));
    }
    Fields fields =
        new Fields(
            bytes.order(),
            bytes.getShort(12),
            extents,
            bytes.getLong(168),
            bytes.getDouble(176),
            bytes.getDouble(184));
    return checked(2, fields, NiftiPlacement.second(bytes), source);
  }

  private static int axes(long claimed, String source) {
    if (claimed < 1 || claimed > MOST_AXES) {
      throw new PalimpsestException(
          "%s claims %s axes; 1 to 7 are possible: it is damaged.".formatted(source, claimed));
    }
    return (int) claimed;
  }

  private static NiftiHeader checked(
      int version, Fields fields, NiftiPlacement placement, String source) {
    ElementType type = TYPES.get(fields.type());
    if (type == null) {
      throw new PalimpsestException(
          "%s holds voxels of NIfTI type %s, such as colours or complex numbers, which are not read."
              .formatted(source, fields.type()));
    }
    if (Shapes.elements(fields.extents(), source) == 0) {
      throw new PalimpsestException(
          "%s has the extents %s: it holds no voxel.".formatted(source, fields.extents()));
    }
    double offset = fields.voxelsAt();
    int leastOffset = version == 1 ? FIRST_VOXELS : SECOND_VOXELS;
    boolean sensible =
        offset >= leastOffset && offset <= MOST_OFFSET && offset == Math.rint(offset);
    if (!sensible) {
      throw new PalimpsestException(
          "%s claims that its voxels begin at byte %s, where one file of header and voxels has them at byte %s or a later one. Mend vox_offset in its header, or save the volume again."
              .formatted(source, offset, leastOffset));
    }
    Scaling scaling = Scaling.of(fields.slope(), fields.intercept());
    if (!Double.isFinite(scaling.intercept())) {
      throw new PalimpsestException(
          "%s scales its voxels by %s and then adds %s, so that none of them is a number. Mend scl_inter in its header."
              .formatted(source, fields.slope(), fields.intercept()));
    }
    return new NiftiHeader(
        version,
        fields.order(),
        type,
        List.copyOf(fields.extents()),
        (long) offset,
        scaling,
        Scaling.ofItk(fields.slope(), fields.intercept()),
        placement);
  }

  long voxels() {
    return extents.stream().reduce(1L, Math::multiplyExact);
  }

  /**
   * Where a NIfTI file says that its voxels lie.
   *
   * @param spacing {@code pixdim} of x, y and z: distances of voxels, mended as nibabel and ITK do,
   *     which take the size of a negative one, and 1 for 0
   * @param isSpacingFinite whether no distance in the file is NaN or infinite, in whose place 1
   *     stands
   * @param fourth {@code pixdim} of the fourth axis
   * @param unit how many millimetres {@code xyzt_units} says that the file's unit has; ITK
   *     multiplies by it and nibabel does not
   * @param quaternion b, c, d of the rotation, then its offsets and {@code qfac}
   * @param hasQuaternion whether its code says that it counts
   * @param rows the three rows of {@code sform}
   * @param hasRows whether its code says that they count
   * @param isSingle whether all of these stand in the file as float32
   */
  record NiftiPlacement(
      double[] spacing,
      boolean isSpacingFinite,
      double fourth,
      double unit,
      double[] quaternion,
      boolean hasQuaternion,
      double[] rows,
      boolean hasRows,
      boolean isSingle) {

    private static final double NEAR = 1e-5;
    private static final double NEAR_ZERO = 1e-8;
    private static final int UNIT_BITS = 7;
    private static final double SMALLEST = 3 * 0x1p-23;

    /** Numbers of the file, and whether their code says that they count. */
    private record Told(boolean counts, double[] numbers) {

      static Told of(int code, IntToDoubleFunction source, int count) {
        return new Told(code > 0, IntStream.range(0, count).mapToDouble(source).toArray());
      }
    }

    static NiftiPlacement first(ByteBuffer bytes) {
      return of(
          at -> bytes.getFloat(76 + Float.BYTES * at),
          bytes.get(123),
          Told.of(bytes.getShort(252), at -> bytes.getFloat(256 + Float.BYTES * at), 7),
          Told.of(bytes.getShort(254), at -> bytes.getFloat(280 + Float.BYTES * at), 12),
          true);
    }

    static NiftiPlacement second(ByteBuffer bytes) {
      return of(
          at -> bytes.getDouble(104 + Double.BYTES * at),
          bytes.getInt(500),
          Told.of(bytes.getInt(344), at -> bytes.getDouble(352 + Double.BYTES * at), 7),
          Told.of(bytes.getInt(348), at -> bytes.getDouble(400 + Double.BYTES * at), 12),
          false);
    }

    private static NiftiPlacement of(
        IntToDoubleFunction pixdim, int units, Told quaternion, Told rows, boolean isSingle) {
      double[] spacing = new double[3];
      boolean finite = true;
      for (int axis = 0; axis < 3; axis++) {
        double size = Math.abs(pixdim.applyAsDouble(axis + 1));
        finite &= Double.isFinite(size);
        spacing[axis] = size > 0 && Double.isFinite(size) ? size : 1;
      }
      double unit =
          switch (units & UNIT_BITS) {
            case 1 -> 1000;
            case 3 -> 0.001;
            default -> 1;
          };
      double[] turn = quaternion.numbers();
      turn[6] = pixdim.applyAsDouble(0) < 0 ? -1 : 1;
      return new NiftiPlacement(
          spacing,
          finite,
          pixdim.applyAsDouble(4),
          unit,
          turn,
          quaternion.counts(),
          rows.numbers(),
          rows.counts(),
          isSingle);
    }

    /**
     * Where voxel (x, y, z) lies in millimetres to the right, the front and above, as nibabel
     * decides it: by {@code sform}, else {@code qform}, else by {@code pixdim} about the centre, x
     * to the left.
     */
    Affine affine(int[] extents) {
      if (hasRows) {
        return Affine.ofRows(rows);
      }
      return hasQuaternion ? turned() : centred(extents);
    }

    /**
     * The same as MONAI has it, which does not believe {@code sform} where its distances are not
     * {@code pixdim}: then it goes by {@code qform} if that has them, whatever its code.
     *
     * @param four whether there is a fourth axis, for whose distance MONAI takes the length of the
     *     origin
     * @return nothing where MONAI fails
     */
    Optional<Affine> affineOfMonai(int[] extents, boolean four) {
      Affine told = affine(extents);
      boolean counts = hasRows || hasQuaternion;
      if (!counts || fits(told, four)) {
        return Optional.of(told);
      }
      if (isNoRotation() || !hasRows && fits(Affine.ofRows(rows), four)) {
        return Optional.empty();
      }
      Affine turned = turned();
      return Optional.of(!hasRows || !fits(turned, four) ? told : stored(turned));
    }

    private boolean fits(Affine placed, boolean four) {
      boolean fits = !four || isNear(fourth, Math.hypot(1, placed.distanceOfOrigin()));
      for (int axis = 0; axis < 3; axis++) {
        double distance = placed.spacing(axis);
        fits &= isNear(spacing[axis], distance == 0 ? 1 : distance);
      }
      return fits;
    }

    private static boolean isNear(double one, double other) {
      return Math.abs(one - other) <= NEAR_ZERO + NEAR * other;
    }

    private Affine stored(Affine exact) {
      return isSingle ? exact.inFloat32() : exact;
    }

    /** Whether a quaternion counts and is longer than 1, so that it is no rotation. */
    boolean isTurnedByTooMuch() {
      return !hasRows && hasQuaternion && isNoRotation();
    }

    private boolean isNoRotation() {
      return rest() <= -SMALLEST;
    }

    /** The square of the quaternion's first part, which the file leaves out. */
    private double rest() {
      return 1
          - quaternion[0] * quaternion[0]
          - quaternion[1] * quaternion[1]
          - quaternion[2] * quaternion[2];
    }

    private Affine centred(int[] extents) {
      double[] all = new double[12];
      for (int axis = 0; axis < 3; axis++) {
        double step = axis == 0 ? -spacing[axis] : spacing[axis];
        all[5 * axis] = step;
        all[4 * axis + 3] = -step * (extents[axis] - 1) / 2;
      }
      return Affine.ofRows(all);
    }

    private Affine turned() {
      double b = quaternion[0];
      double c = quaternion[1];
      double d = quaternion[2];
      double rest = rest();
      double a = Math.sqrt(Math.abs(rest) < SMALLEST ? 0 : Math.max(0, rest));
      double norm = a * a + b * b + c * c + d * d;
      double s = 2 / norm;
      double[] rotation = {
        1 - s * (c * c + d * d),
        s * (b * c - a * d),
        s * (b * d + a * c),
        s * (b * c + a * d),
        1 - s * (b * b + d * d),
        s * (c * d - a * b),
        s * (b * d - a * c),
        s * (c * d + a * b),
        1 - s * (b * b + c * c)
      };
      double[] all = new double[12];
      for (int row = 0; row < 3; row++) {
        for (int axis = 0; axis < 3; axis++) {
          double handed = axis == 2 ? quaternion[6] : 1;
          all[4 * row + axis] = rotation[3 * row + axis] * spacing[axis] * handed;
        }
        all[4 * row + 3] = quaternion[3 + row];
      }
      return Affine.ofRows(all);
    }
  }
}
