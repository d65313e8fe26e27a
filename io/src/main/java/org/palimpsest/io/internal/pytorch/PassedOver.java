package org.palimpsest.io.internal.pytorch;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.palimpsest.internal.text.Names;
import org.palimpsest.io.internal.pickle.Global;

/** Tells which Python objects a file names that have nothing to do with its weights. */
final class PassedOver {

  private static final int MOST_NAMED = 8;

  /** What checkpoints usually hold beside tensors, and plain data. */
  private static final Pattern USUAL =
      Pattern.compile(
          "__torch__\\..*|torch\\.\\w*Storage|torch\\.storage\\.\\w*Storage"
              + "|torch\\.(_utils\\._rebuild\\w*|_tensor\\._rebuild_from_type_v2|Size|Tensor|device|dtype"
              + "|u?int\\d+|b?float\\d+|half|double|long|bool|complex\\d+|q\\w*int\\d+|contiguous_format"
              + "|preserve_format|channels_last(_3d)?|strided|jit\\._pickle\\.\\w+)"
              + "|torch\\.(cuda\\.)?\\w*Tensor|torch\\.autograd\\.variable\\.Variable"
              + "|torch\\.per_(tensor|channel)_\\w+"
              + "|torch\\.(ao\\.)?nn\\.(modules|parameter|parallel|utils|quantized|qat)\\..*|torch\\.serialization\\._get_layout"
              + "|torch\\.(optim|utils\\.data)\\..*"
              + "|numpy\\.(dtype|ndarray|bool_?|u?int\\d+|float\\d+)"
              + "|numpy\\._?core\\.multiarray\\.(scalar|_reconstruct)|_codecs\\.encode"
              + "|numpy\\.dtypes\\.\\w+"
              + "|collections\\.(OrderedDict|defaultdict|Counter|deque)|copyreg\\._reconstructor"
              + "|copy_reg\\._reconstructor|argparse\\.Namespace|types\\.SimpleNamespace"
              + "|pathlib\\..*|datetime\\..*|decimal\\.Decimal|uuid\\.UUID|fractions\\.Fraction"
              + "|(builtins|__builtin__)\\.(set|frozenset|dict|list|tuple|int|float|bool|str|bytes"
              + "|bytearray|complex|object|slice|x?range|long|unicode|type|Ellipsis|NotImplemented"
              + "|getattr)");

  private PassedOver() {}

  /**
   * A note of the others.
   *
   * @param named what the file names
   * @param read the classes in whose objects tensors were looked for
   */
  static Optional<String> note(Set<Global> named, Set<String> read) {
    List<String> others =
        named.stream()
            .filter(global -> !USUAL.matcher(global.path()).matches())
            .filter(global -> !read.contains(global.path()))
            .filter(global -> named.stream().noneMatch(member -> isMember(member, global)))
            .map(global -> "%.80s".formatted(global.path()))
            .toList();
    if (others.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        "Python objects that are no weights were passed over, nothing was called: "
            + Names.shortened(others, MOST_NAMED));
  }

  /** An enumeration is told by its member. */
  private static boolean isMember(Global member, Global owner) {
    return member.module().equals(owner.module()) && member.name().startsWith(owner.name() + ".");
  }
}
