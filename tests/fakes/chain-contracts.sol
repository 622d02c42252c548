// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

// Stand-ins for contracts of the real chains: they answer as those do, and anybody may write what they answer.

/// The Ethereum Attestation Service, as far as attestations are read.
contract FakeEas {
    struct Attestation {
        bytes32 uid;
        bytes32 schema;
        uint64 time;
        uint64 expirationTime;
        uint64 revocationTime;
        bytes32 refUID;
        address recipient;
        address attester;
        bool revocable;
        bytes data;
    }

    mapping(bytes32 => Attestation) private attestations;

    function put(Attestation calldata attestation) external {
        attestations[attestation.uid] = attestation;
    }

    function getAttestation(bytes32 uid) external view returns (Attestation memory) {
        return attestations[uid];
    }
}

/// Coinbase's index of its attestations.
contract FakeIndexer {
    mapping(address => mapping(bytes32 => bytes32)) public getAttestationUid;

    function put(address recipient, bytes32 schemaUid, bytes32 uid) external {
        getAttestationUid[recipient][schemaUid] = uid;
    }
}

/// The Universal Resolver of ENS, for names kept here. Names are DNS-encoded, as they are there.
contract FakeUniversalResolver {
    error ResolverNotFound(bytes name);
    error ReverseAddressMismatch(string primary, bytes primaryAddress);
    error OffchainLookup(address sender, string[] urls, bytes callData, bytes4 callback, bytes extraData);

    struct Claim {
        string name;
        bytes encoded;
        bool isBelieved;
    }

    mapping(bytes => Claim) private claims;
    mapping(bytes => address) private targets;
    mapping(bytes => string) private gateways;

    /// The name an account calls itself. One that is believed is not checked.
    function claim(bytes calldata account, string calldata name, bytes calldata encoded, bool isBelieved) external {
        claims[account] = Claim(name, encoded, isBelieved);
    }

    /// Where a name leads.
    function point(bytes calldata encoded, address target) external {
        targets[encoded] = target;
    }

    /// Has a name resolved by a server outside of the chain.
    function sendAway(bytes calldata encoded, string calldata gateway) external {
        gateways[encoded] = gateway;
    }

    function reverseWithGateways(bytes calldata account, uint256, string[] calldata)
        external
        view
        returns (string memory, address, address)
    {
        Claim storage found = claims[account];
        if (bytes(found.name).length == 0 || found.isBelieved) return (found.name, address(this), address(this));
        address target = resolve(found.encoded);
        if (target != address(bytes20(account))) revert ReverseAddressMismatch(found.name, abi.encodePacked(target));
        return (found.name, address(this), address(this));
    }

    function resolveWithGateways(bytes calldata encoded, bytes calldata, string[] calldata)
        external
        view
        returns (bytes memory, address)
    {
        address target = resolve(encoded);
        if (target == address(0)) revert ResolverNotFound(encoded);
        return (abi.encode(target), address(this));
    }

    function resolve(bytes memory encoded) private view returns (address) {
        if (bytes(gateways[encoded]).length > 0) {
            string[] memory urls = new string[](1);
            urls[0] = gateways[encoded];
            revert OffchainLookup(address(this), urls, "", this.resolveWithGateways.selector, "");
        }
        return targets[encoded];
    }
}

/// A wallet that is a contract: it takes the signatures of its owner for its own.
contract FakeSmartWallet {
    address public owner;

    function setOwner(address to) external {
        owner = to;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        bytes32 r = bytes32(signature[0:32]);
        bytes32 s = bytes32(signature[32:64]);
        return ecrecover(hash, uint8(signature[64]), r, s) == owner ? this.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// A token, as far as balances are read (ERC-20).
contract FakeToken {
    string public constant symbol = "RAVE";
    mapping(address => uint256) public balanceOf;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }
}

/// USDC, as far as it is held and sent (ERC-20), and moved by what its owner has signed (EIP-3009).
contract FakeUsdc {
    string public constant symbol = "USDC";
    uint8 public constant decimals = 6;
    mapping(address => uint256) public balanceOf;
    bool public isPaused;
    mapping(address => mapping(bytes32 => bool)) public authorizationState;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce);

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
        emit Transfer(address(0), to, amount);
    }

    /// The issuer can stop all transfers.
    function setPaused(bool paused) external {
        isPaused = paused;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        move(msg.sender, to, amount);
        return true;
    }

    function move(address from, address to, uint256 amount) private {
        require(!isPaused, "Pausable: paused");
        require(balanceOf[from] >= amount, "ERC20: transfer amount exceeds balance");
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
    }

    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        require(block.timestamp > validAfter, "FiatTokenV2: authorization is not yet valid");
        require(block.timestamp < validBefore, "FiatTokenV2: authorization is expired");
        require(!authorizationState[from][nonce], "FiatTokenV2: authorization is used or canceled");
        bytes32 message = keccak256(
            abi.encode(
                keccak256(
                    "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
                ),
                from,
                to,
                value,
                validAfter,
                validBefore,
                nonce
            )
        );
        bytes32 signedHash = keccak256(abi.encodePacked(hex"1901", domain(), message));
        address signer = ecrecover(signedHash, uint8(signature[64]), bytes32(signature[0:32]), bytes32(signature[32:64]));
        require(signer == from, "FiatTokenV2: invalid signature");
        authorizationState[from][nonce] = true;
        emit AuthorizationUsed(from, nonce);
        move(from, to, value);
    }

    /// Its name in signatures is not the same on Base and on Base Sepolia.
    function domain() private view returns (bytes32) {
        string memory name = block.chainid == 84532 ? "USDC" : "USD Coin";
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256("2"),
                block.chainid,
                address(this)
            )
        );
    }
}

/// Such a wallet, with its owner from the start.
contract FakeOwnedWallet is FakeSmartWallet {
    constructor(address to) {
        owner = to;
    }
}

/// Deploys such wallets, each at an address that is known before.
contract FakeWalletFactory {
    function deploy(address owner) external returns (address) {
        return address(new FakeOwnedWallet{salt: 0}(owner));
    }

    function addressOf(address owner) external view returns (address) {
        bytes32 code = keccak256(abi.encodePacked(type(FakeOwnedWallet).creationCode, abi.encode(owner)));
        return address(uint160(uint256(keccak256(abi.encodePacked(bytes1(0xff), address(this), bytes32(0), code)))));
    }
}
