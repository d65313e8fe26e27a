package org.palimpsest.io.djl;

import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.util.Pair;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** The paths of the blocks in a tree: the children's names, joined by dots. */
final class BlockPaths {

  private final Map<Block, String> paths = new IdentityHashMap<>();

  BlockPaths(Block root) {
    walk(root, "", paths::putIfAbsent);
  }

  /**
   * The path of a block that was called by another.
   *
   * <p>It is the caller's path and the name under which the caller knows it; for a block that the
   * caller does not know but the tree does, its place in the tree; for one that nobody registered,
   * the caller's path and the name of its class.
   */
  String find(Block block, Block caller, String callerPath) {
    return nameIn(caller, block)
        .map(name -> join(callerPath, name))
        .or(() -> Optional.ofNullable(paths.get(block)))
        .orElseGet(() -> join(callerPath, unregisteredName(block)));
  }

  private static Optional<String> nameIn(Block parent, Block child) {
    for (Pair<String, Block> pair : parent.getChildren()) {
      if (pair.getValue() == child) {
        return Optional.of(nameOf(pair));
      }
    }
    return Optional.empty();
  }

  /** Its name there; DJL registers every lambda as such, whatever name it was given. */
  private static String nameOf(Pair<String, Block> child) {
    return child.getValue() instanceof LambdaBlock lambda
        ? child.getKey().replace(LambdaBlock.class.getSimpleName(), typeOf(lambda))
        : child.getKey();
  }

  private static String unregisteredName(Block block) {
    String type = typeOf(block);
    return type.isEmpty() ? LambdaBlock.DEFAULT_NAME : type;
  }

  private static String typeOf(Block block) {
    return block instanceof LambdaBlock lambda && !lambda.getName().equals(LambdaBlock.DEFAULT_NAME)
        ? lambda.getName()
        : block.getClass().getSimpleName();
  }

  static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /** Every block below the root with its path, parents first; a block in two places has two. */
  static Map<String, Block> below(Block root) {
    Map<String, Block> all = new LinkedHashMap<>();
    walk(root, "", (block, path) -> all.put(path, block));
    return all;
  }

  private static void walk(Block block, String path, BiConsumer<Block, String> visitor) {
    for (Pair<String, Block> child : block.getChildren()) {
      String childPath = join(path, nameOf(child));
      visitor.accept(child.getValue(), childPath);
      walk(child.getValue(), childPath, visitor);
    }
  }
}
